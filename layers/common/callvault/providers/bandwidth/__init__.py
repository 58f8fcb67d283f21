"""Bandwidth as a provider: callbacks, API, media and control of live calls.

The API that answers queries as Bandwidth's does is in `callvault.dialects.bandwidth`.
"""
