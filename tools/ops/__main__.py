"""Run the operator's command line: `python -m tools.ops`, or `tools/ops/callvault`."""

import sys

from tools.ops import cli

if __name__ == "__main__":
    sys.exit(cli.main())
