"""Run a module as `python -m` does, in a process that ends when its parent ends.

The arguments are the parent's process id, the module, and the module's own arguments. The parent
runs this file by its path, which needs no change to the environment.
"""

import ctypes
import os
import runpy
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Make this process end with its parent, then run the module."""
    _, parent, module, *arguments = sys.argv
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have ended before the line above.
        if os.getppid() != int(parent):
            sys.exit(1)
    sys.path[0] = str(Path.cwd())
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
