"""Bandwidth's Voice API for recordings: routes, documents, OAuth2 tokens, errors, controls."""

from callvault.dialects.bandwidth.routes import PREFIXES, ROUTES, answer, refuse

__all__ = ["PREFIXES", "ROUTES", "answer", "refuse"]
