"""DynamoDB and S3: the table of recordings and the bucket of audio.

No other package calls the two services. `ingest`, `readers` and `upkeep` decide what is stored.
"""
