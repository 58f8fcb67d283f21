"""Serve readers: authorization, pages of lists, edits, control of live calls.

The HTTP shapes of requests and responses are not here; they belong to `dialects`.
"""
