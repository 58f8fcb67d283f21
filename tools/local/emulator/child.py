"""Run a module as `python -m` does, in a process that ends with the one that started it.

Arguments: the starter's process id, the module, its own arguments. Run by path, so that the environment stays the
child's.
"""

import ctypes
import os
import runpy
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its starter, then become the module."""
    _, starter, module, *arguments = sys.argv
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # The starter may have died before the line above.
        if os.getppid() != int(starter):
            sys.exit(1)
    sys.path[0] = str(Path.cwd())
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
