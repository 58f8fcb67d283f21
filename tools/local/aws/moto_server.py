"""Serve moto on loopback: the AWS process of the local stack.

The arguments are the port, or 0 for any free port, and the seed of the deliveries of S3's events.
The process prints its port.
"""

import os
import sys

# Set before moto is imported. The template's S3 location of the functions' code does not exist.
os.environ["VALIDATE_LAMBDA_S3"] = "false"

# This import loads, before the first request, the services whose resources CloudFormation creates.
import moto.cloudformation.models  # noqa: F401
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from tools.local.aws import (
    moto_deliveries,
    moto_fairness,
    moto_fixes,
    moto_items,
    moto_limits,
    moto_objects,
    moto_speed,
    moto_stored_items,
    moto_uploads,
    moto_versions,
    presigned,
    s3_rules,
)
from tools.local.aws.deliveries import Deliveries


class QuietHandler(MotoRequestHandler):
    """Answer requests without a log."""

    def log_request(self, *_: object) -> None:
        """Log nothing."""


def main() -> None:
    """Serve until killed."""
    moto_fairness.deliver_fairly()
    moto_limits.ignore_old_handles()
    moto_limits.limit_messages()
    moto_limits.limit_flight()
    moto_limits.limit_parameters()
    moto_limits.limit_events()
    moto_fixes.lock_queues()
    moto_fixes.lock_table()
    moto_items.check_items()
    moto_stored_items.measure_items()
    moto_stored_items.check_updates()
    moto_speed.remember_constants()
    moto_speed.serialize_values()
    moto_uploads.check_uploads()
    moto_versions.answer_delete_markers()
    moto_versions.report_checksums()
    moto_objects.order_objects()
    moto_objects.shape_object_events()
    moto_deliveries.deliver(Deliveries(int(sys.argv[2])))
    try:
        server = make_server(
            "127.0.0.1",
            int(sys.argv[1]),
            presigned.refusing_two_authentications(s3_rules.refusing(DomainDispatcherApplication(create_backend_app))),
            threaded=True,
            request_handler=QuietHandler,
        )
    except (OSError, SystemExit):
        sys.exit(f"port {sys.argv[1]} is taken")
    print(server.server_port, flush=True)
    # The parent does not read the pipe further. A full pipe would block moto when it prints.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server.serve_forever()


if __name__ == "__main__":
    main()
