"""Find the process that has a connection on loopback; on Linux only."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TABLE = Path("/proc/net/tcp")
"""The kernel's table of TCP connections (proc(5))."""


def owner(port: int, pids: Iterable[int]) -> int | None:
    """Return the one of these processes that has a connection with this local port, or None."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for pid in pids:
        # The process may have ended, or closed the file, in the meantime.
        with suppress(OSError):
            for file in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(file.readlink()) in sockets:
                        return pid
    return None


def _inodes(port: int) -> list[str]:
    """Return the inodes of the sockets with a local port."""
    if not TABLE.exists():
        return []
    lines = [line.split() for line in TABLE.read_text().splitlines()[1:]]
    return [fields[9] for fields in lines if int(fields[1].partition(":")[2], 16) == port]
