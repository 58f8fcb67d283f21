"""The path of a recording: from a callback or an upload to verified audio in S3.

Readers get recordings through `readers` and `dialects`, not through this package.
"""
