"""Run the local stack until Ctrl-C: `python -m tools.local`.

The environment variables PORT, AWS_PORT and CONTROL_PORT choose ports; 0 or unset means any free
port. AWS_ENDPOINT_URL_DYNAMODB is the URL of a DynamoDB to use instead of moto's.
CALLVAULT_LOCAL_LOGS is a folder that keeps the logs of the functions and of AWS after the end.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from tools.local.aws.process import StartError
from tools.local.iam.errors import DeniedError
from tools.local.start import running


def main() -> int:
    """Run the stack and return the exit code."""
    stop = threading.Event()
    # Set before the start: a signal during the start must end the processes that have started.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    logs = os.environ.get("CALLVAULT_LOCAL_LOGS")
    try:
        with running(
            port=_port("PORT"),
            aws_port=_port("AWS_PORT"),
            control_port=_port("CONTROL_PORT"),
            logs=Path(logs) if logs else None,
        ) as local:
            print(f"control {local.control_url}, logs {local.logs}", file=sys.stderr)
            print(f"ready {local.url} aws {local.aws_url}", flush=True)
            stop.wait()
    except StartError as error:
        print(f"callvault: {error}", file=sys.stderr)
        return 1
    except DeniedError as error:
        print(f"callvault: AWS would have denied requests of the functions:\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _interrupt(*_: object) -> None:
    # Further signals are ignored: a second Ctrl-C must not interrupt the clean-up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _port(name: str) -> int:
    text = os.environ.get(name) or "0"
    if not text.isdigit() or int(text) > 65535:  # noqa: PLR2004
        raise StartError(f"{name} is not a port number: {text}.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
