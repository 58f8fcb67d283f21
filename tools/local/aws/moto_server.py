"""Serve moto on loopback: the process that plays AWS. Argument: the port, 0 for any; prints the port that it got."""

import os
import sys

# Before moto reads them: the functions' code is never where the template says.
os.environ["VALIDATE_LAMBDA_S3"] = "false"

import moto.cloudformation.models  # noqa: F401 - all that it makes is loaded before the first request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from tools.local.aws import moto_fairness, moto_fixes, moto_objects


class QuietHandler(MotoRequestHandler):
    """Answer without a line of log for each request."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    moto_fairness.deliver_fairly()
    moto_fixes.lock_queues()
    moto_fixes.lock_table()
    moto_objects.order_objects()
    moto_objects.shape_object_events()
    try:
        server = make_server(
            "127.0.0.1",
            int(sys.argv[1]),
            DomainDispatcherApplication(create_backend_app),
            threaded=True,
            request_handler=QuietHandler,
        )
    except (OSError, SystemExit):
        sys.exit(f"port {sys.argv[1]} is taken")
    print(server.server_port, flush=True)
    # Nobody reads the pipe any more; full, it would stop whatever moto prints into it.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server.serve_forever()


if __name__ == "__main__":
    main()
