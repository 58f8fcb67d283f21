"""Write the row of the recording that a provider's callback announces."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault import web
from callvault.ingest import callbacks

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda entry point."""
    return web.write(callbacks.answer(web.read(event, callbacks.MAX_BODY_BYTES)))
