"""KAZOO as a provider: webhooks, uploads, Crossbar's API and control of live calls.

The archive's own API that answers queries as Crossbar does is in `callvault.dialects.kazoo`.
`callvault.ingest` stores what KAZOO uploads.
"""
