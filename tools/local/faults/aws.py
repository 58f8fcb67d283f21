"""Say how AWS fails: by operation, by chance and by time, the same for the same seed.

Whether the n-th request of an operation fails depends on the seed, the rule, the operation and n alone. Which request
is the n-th depends on which of the functions' processes is faster.
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
    """What becomes of a request."""

    ERROR = "error"
    """500, not carried out."""
    UNAVAILABLE = "unavailable"
    """503, not carried out; S3 calls it SlowDown."""
    THROTTLE = "throttle"
    """400 ThrottlingException or the service's own word for it, not carried out; of S3, SlowDown."""
    RESET = "reset"
    """The connection is reset before it is carried out."""
    STALL = "stall"
    """Nothing happens for some seconds; then it is carried out and answered, should anybody still wait."""
    LOSE = "lose"
    """Carried out, but the answer is lost: to the client it failed."""
    CUT = "cut"
    """Carried out, and the answer breaks off in its middle."""
    ERROR_IN_200 = "error_in_200"
    """Not carried out: an error in an answer of status 200, as S3 documents of CompleteMultipartUpload."""
    KILL = "kill"
    """Carried out, while the process that asks for it is killed."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One way to fail."""

    operations: str
    """A pattern: `dynamodb.PutItem`, `s3.*`."""
    effect: Effect
    probability: float = 1
    seconds: float = 0
    """How long a stall lasts."""
    since: float = 0
    """Seconds after the start from which on it holds."""
    until: float = float("inf")
    most: int | None = None
    """It strikes that often and no more."""

    @property
    def name(self) -> str:
        """Return what to count it as."""
        return f"{self.operations} {self.effect}"


class AwsFaults:
    """The rules in force, and how often each has struck; may be changed while the stack runs."""

    def __init__(self, rules: Iterable[Rule] = (), *, seed: int = 0) -> None:
        self.rules = tuple(rules)
        self.seed = seed
        self.struck: Counter[str] = Counter()
        """By operation and effect."""
        self.carried_out: Counter[str] = Counter()
        """All requests, by operation."""
        self.kill: Callable[[int], None] = lambda _: None
        """Kills the process whose connection has that port."""
        self._of_rules: Counter[Rule] = Counter()
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to count the time."""
        self._began = time.monotonic()

    def draw(self, operation: str) -> Rule | None:
        """Return the rule that strikes the next request of an operation, or None."""
        elapsed = time.monotonic() - self._began
        with self._lock:
            number = self.carried_out[operation] = self.carried_out[operation] + 1
            for rule in self.rules:
                if self._strikes(rule, operation, number, elapsed):
                    self._of_rules[rule] += 1
                    self.struck[f"{operation} {rule.effect}"] += 1
                    return rule
        return None

    def _strikes(self, rule: Rule, operation: str, number: int, elapsed: float) -> bool:
        return (
            fnmatch.fnmatchcase(operation, rule.operations)
            and rule.since <= elapsed < rule.until
            and (rule.most is None or self._of_rules[rule] < rule.most)
            and _chance(self.seed, rule.name, operation, number) < rule.probability
        )


def _chance(*of: object) -> float:
    """Return a number from 0 to 1, the same for the same arguments."""
    digest = hashlib.sha256(" ".join(map(str, of)).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
