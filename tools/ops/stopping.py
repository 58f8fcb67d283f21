"""Let Ctrl-C end a long work between two steps, so that no step is cut off."""

import signal
import time
from types import FrameType, TracebackType
from typing import Any, Self

SLEEP = 0.2
"""Longest time between Ctrl-C and the end of a wait, in seconds."""


class Stop:
    """Whether Ctrl-C was pressed within a block. The second time, it ends the command at once."""

    def __init__(self) -> None:
        self.is_set = False
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def wait(self, seconds: float) -> bool:
        """Sleep, and return whether Ctrl-C was pressed, which ends the sleep."""
        end = time.monotonic() + seconds
        while not self.is_set and (rest := end - time.monotonic()) > 0:
            time.sleep(min(rest, SLEEP))
        return self.is_set

    def _press(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.is_set:
            raise KeyboardInterrupt
        self.is_set = True
