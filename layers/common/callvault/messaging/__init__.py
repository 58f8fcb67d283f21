"""What travels between functions: queue messages and their retries, dead letters, S3 notifications, events, metrics.

What the messages cause is not here: that is `ingest` and `upkeep`.
"""
