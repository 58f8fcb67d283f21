"""The options that several commands have, as types of the commands' parameters."""

from datetime import datetime
from typing import Annotated

import typer

from tools.ops import time_arguments

STACK = "callvault"
"""The default of `--stack`."""

Stack = Annotated[str, typer.Option("--stack", metavar="NAME", help="name of the CloudFormation stack")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="change at most this many")]
Yes = Annotated[bool, typer.Option("--yes", help="make the changes; without it, only print them")]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        parser=time_arguments.moment,
        metavar="TIME",
        help="only recordings made at this time or later: ISO 8601, or a duration before now, such as 3d",
    ),
]
Until = Annotated[
    datetime | None,
    typer.Option(
        "--until",
        parser=time_arguments.end,
        metavar="TIME",
        help="only recordings made at this time or earlier; a day counts as a whole",
    ),
]
