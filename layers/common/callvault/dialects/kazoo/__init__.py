"""KAZOO's API for recordings (Crossbar).

The modules have its routes, lists, filters, documents, envelopes, errors and controls.
"""

from callvault.dialects.kazoo.routes import PREFIXES, ROUTES, answer, refuse

__all__ = ["PREFIXES", "ROUTES", "answer", "refuse"]
