"""Messages between the functions: queues, retries, dead letters, S3 notifications, events, metrics.

The work that a message starts is in `ingest` and `upkeep`.
"""
