"""Run a function in several threads, because a run of the sweep mostly waits for AWS."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

WORKERS = 8
"""Number of threads. Each may have one request to AWS; a client keeps ten connections."""


def run[T](act: Callable[..., T], arguments: Iterable[tuple[object, ...]]) -> list[T]:
    """Call a function with each tuple of arguments, at the same time, and return the results.

    Each call sees the caller's context variables. If calls raise errors, all calls end first, and
    then the first error is raised.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        calls = [pool.submit(copy_context().run, act, *given) for given in arguments]
    return [call.result() for call in calls]
