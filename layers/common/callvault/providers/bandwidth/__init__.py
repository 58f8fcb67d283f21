"""Bandwidth as a provider: callbacks, API, media and control of live calls.

The archive's own API that answers queries as Bandwidth's does is in `callvault.dialects.bandwidth`.
"""
