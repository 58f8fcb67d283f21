"""The API that SignalWire and Twilio share (LaML): routes, lists, documents, errors, control of calls."""

from callvault.dialects.laml.routes import PREFIXES, ROUTES, answer, refuse

__all__ = ["PREFIXES", "ROUTES", "answer", "refuse"]
