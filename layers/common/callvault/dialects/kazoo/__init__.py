"""KAZOO's API for recordings (Crossbar): routes, lists, filters, documents, envelopes, errors, control of calls."""

from callvault.dialects.kazoo.routes import PREFIXES, ROUTES, answer, refuse

__all__ = ["PREFIXES", "ROUTES", "answer", "refuse"]
