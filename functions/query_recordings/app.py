"""Answer readers' requests for recordings and audio, in the dialect of the request."""

from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from callvault import dialects, web

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda entry point."""
    request = web.read(event, dialects.MAX_BODY_BYTES)
    return web.write(dialects.answer(replace(request, may_control=False)))
