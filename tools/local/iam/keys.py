"""The access keys of the local stack: one of each function, and those of the operator."""

import base64
import hashlib

OPERATORS = frozenset({"local", "testing"})
"""The operator's access keys: that of the documentation's examples, and that of tests and tools."""


def access_key(function: str) -> str:
    """Return the access key by which the guard recognises a function's processes.

    It has the form of a temporary key.
    """
    return "ASIA" + base64.b32encode(hashlib.sha256(function.encode()).digest()).decode()[:16]
