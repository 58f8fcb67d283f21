"""Measure coverage only where the code of the package runs, because measuring is slow.

Python calls coverage's tracer for each line that runs, and half of what the tests run is boto3,
moto and the local stack. Without the tracer these take two thirds of the time. Each thread has a
tracer of its own. A thread that starts while the tracer is off gets none.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def off() -> Iterator[None]:
    """Run a block without the tracer, also the threads that the block starts."""
    tracer, of_new_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
        threading.settrace(of_new_threads)
