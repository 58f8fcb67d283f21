"""The description of Bandwidth's dialect: routes, parameters, schemas."""

from tools.openapi.bandwidth.routes import ENTRIES, PARAMETERS
from tools.openapi.bandwidth.schemas import RESPONSES, SCHEMAS

__all__ = ["ENTRIES", "PARAMETERS", "RESPONSES", "SCHEMAS"]
