"""The description of KAZOO's dialect: routes, parameters, schemas."""

from tools.openapi.kazoo import completeness_schemas, control_schemas, parameters, schemas
from tools.openapi.kazoo.routes import ENTRIES, PREFLIGHT, RESPONSES

PARAMETERS = parameters.COMPONENTS | parameters.DAYS
SCHEMAS = schemas.SCHEMAS | control_schemas.SCHEMAS | completeness_schemas.SCHEMAS

__all__ = ["ENTRIES", "PARAMETERS", "PREFLIGHT", "RESPONSES", "SCHEMAS"]
