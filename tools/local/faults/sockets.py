"""Find the process at the other end of a connection on loopback; Linux only."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TABLE = Path("/proc/net/tcp")


def owner(port: int, pids: Iterable[int]) -> int | None:
    """Return which of these processes has a connection whose local port is this one, or None."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for pid in pids:
        # The process, or a file of it, may be gone by now.
        with suppress(OSError):
            for file in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(file.readlink()) in sockets:
                        return pid
    return None


def _inodes(port: int) -> list[str]:
    """Return the inodes of the sockets with that local port (proc(5), /proc/net/tcp)."""
    if not TABLE.exists():
        return []
    lines = [line.split() for line in TABLE.read_text().splitlines()[1:]]
    return [fields[9] for fields in lines if int(fields[1].partition(":")[2], 16) == port]
