"""KAZOO as a provider: webhooks, uploads, Crossbar's API and control of live calls.

The API that answers queries as Crossbar does is in `callvault.dialects.kazoo`. Storing what KAZOO
uploads is in `callvault.ingest`.
"""
