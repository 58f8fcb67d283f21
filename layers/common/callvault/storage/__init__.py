"""DynamoDB and S3: the table of recordings and the bucket of audio, and nothing that decides what goes in."""
