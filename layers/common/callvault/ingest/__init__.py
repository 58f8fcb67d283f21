"""The path of a recording: from a callback or an upload to verified audio in S3.

Reading recordings back is not here: that is `readers` and `dialects`.
"""
