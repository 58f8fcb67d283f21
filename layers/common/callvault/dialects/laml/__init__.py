"""The API that SignalWire and Twilio share (LaML): routes, lists, documents, errors, controls."""

from callvault.dialects.laml.routes import PREFIXES, ROUTES, answer, refuse

__all__ = ["PREFIXES", "ROUTES", "answer", "refuse"]
