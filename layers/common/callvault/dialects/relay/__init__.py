"""SignalWire's Recordings API of SWML and Relay: routes, documents, lists, errors."""

from callvault.dialects.relay.routes import PREFIXES, ROUTES, answer, refuse

__all__ = ["PREFIXES", "ROUTES", "answer", "refuse"]
