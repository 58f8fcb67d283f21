"""The description of SignalWire's and Twilio's dialect: routes, parameters, schemas."""

from tools.openapi.laml import control_schemas, schemas
from tools.openapi.laml.routes import ENTRIES, PARAMETERS
from tools.openapi.laml.schemas import RESPONSES

SCHEMAS = schemas.SCHEMAS | control_schemas.SCHEMAS

__all__ = ["ENTRIES", "PARAMETERS", "RESPONSES", "SCHEMAS"]
