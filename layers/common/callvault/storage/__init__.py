"""DynamoDB and S3: the table of recordings and the bucket of audio.

No other room calls the two services; what is stored is decided in `ingest`, `readers` and `upkeep`.
"""
