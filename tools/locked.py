"""Run a command while holding the repository's lock: `python3 tools/locked.py COMMAND…`.

The lock is on the file Makefile, and ends with the command. The system's Python runs this file,
before .venv exists.
"""

import fcntl
import os
import sys

lock = os.open("Makefile", os.O_RDONLY)
fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)  # noqa: FBT003 - the parameter has no name
os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command is the Makefile's own
