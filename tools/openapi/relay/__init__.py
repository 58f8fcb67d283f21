"""The description of the dialect of SignalWire's Recordings API: routes, parameters, schemas."""

from tools.openapi.relay.routes import ENTRIES, PARAMETERS
from tools.openapi.relay.schemas import RESPONSES, SCHEMAS

__all__ = ["ENTRIES", "PARAMETERS", "RESPONSES", "SCHEMAS"]
