"""Store the recordings that KAZOO uploads, and let KAZOO read them back."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault import web
from callvault.ingest import kazoo_uploads

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda entry point."""
    return web.write(kazoo_uploads.answer(web.read(event, kazoo_uploads.MAX_BODY_BYTES)))
