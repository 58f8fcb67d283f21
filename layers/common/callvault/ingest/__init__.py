"""The path of a recording from callback or upload to verified audio in S3; reading it back is in `readers`."""
