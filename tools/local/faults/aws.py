"""Choose which requests to AWS fail, and how: by operation, probability and time.

The random choice for the n-th request of an operation depends only on the seed, the rule, the
operation and n. Which request is the n-th depends on the speed of the functions' processes.
"""

import fnmatch
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """The effect of a rule on a request."""

    ERROR = "error"
    """The answer is 500; the request is not carried out."""
    UNAVAILABLE = "unavailable"
    """The answer is 503, at S3 SlowDown; the request is not carried out."""
    THROTTLE = "throttle"
    """The answer is 400 with the service's throttling error, at S3 503 SlowDown; the request is not
    carried out."""
    RESET = "reset"
    """The connection is reset; the request is not carried out."""
    STALL = "stall"
    """The request is carried out, and answered, some seconds later."""
    LOSE = "lose"
    """The request is carried out, but its answer is lost, so that it seems to have failed."""
    CUT = "cut"
    """The request is carried out, but its answer ends in the middle."""
    ERROR_IN_200 = "error_in_200"
    """The answer is 200 with an error in its body, as S3 documents for CompleteMultipartUpload; the
    request is not carried out."""
    KILL = "kill"
    """The request is carried out, and the process that sent it is killed."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule by which requests fail."""

    operations: str
    """A pattern of operations, such as `dynamodb.PutItem` or `s3.*`."""
    effect: Effect
    probability: float = 1
    seconds: float = 0
    """Duration of a stall, in seconds."""
    since: float = 0
    """When the rule begins, in seconds after the start."""
    until: float = float("inf")
    """When the rule ends, in seconds after the start."""
    max_count: int | None = None
    """Maximum number of requests that the rule affects."""

    @property
    def name(self) -> str:
        """Return the pattern and the effect."""
        return f"{self.operations} {self.effect}"


class AwsFaults:
    """The rules, which may be changed while the stack runs, and counts of requests and effects."""

    def __init__(self, rules: Iterable[Rule] = (), *, seed: int = 0) -> None:
        self.rules = tuple(rules)
        self.seed = seed
        self.struck: Counter[str] = Counter()
        """Number of affected requests, by operation and effect."""
        self.carried_out: Counter[str] = Counter()
        """Number of all requests, by operation."""
        self.kill: Callable[[int], None] = lambda _: None
        """Kills the process that has the connection with this local port."""
        self._affected: Counter[Rule] = Counter()
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Set the start of the rules' time to now."""
        self._began = time.monotonic()

    def draw(self, operation: str) -> Rule | None:
        """Count a request of an operation and return the rule that affects it, or None."""
        elapsed = time.monotonic() - self._began
        with self._lock:
            number = self.carried_out[operation] = self.carried_out[operation] + 1
            for rule in self.rules:
                if self._affects(rule, operation, number, elapsed):
                    self._affected[rule] += 1
                    self.struck[f"{operation} {rule.effect}"] += 1
                    return rule
        return None

    def _affects(self, rule: Rule, operation: str, number: int, elapsed: float) -> bool:
        return (
            fnmatch.fnmatchcase(operation, rule.operations)
            and rule.since <= elapsed < rule.until
            and (rule.max_count is None or self._affected[rule] < rule.max_count)
            and _fraction(self.seed, rule.name, operation, number) < rule.probability
        )


def _fraction(*of: object) -> float:
    """Return a number from 0 to 1 that depends only on the arguments."""
    digest = hashlib.sha256(" ".join(map(str, of)).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
