"""Serve readers, the clients of the archive: authorization, lists, edits, control of live calls.

The HTTP shapes of requests and responses are not here; they belong to `dialects`.
"""
