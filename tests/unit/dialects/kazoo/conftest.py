"""Give every test of KAZOO's dialect the accounts that tests/crossbar.py asks about."""

import pytest

from tests import crossbar, worlds


@pytest.fixture(autouse=True)
def accounts() -> None:
    """Write the accounts `a1` and `a2`, with their readers."""
    worlds.put_account("a1", readers=worlds.readers(**crossbar.READERS))
    worlds.put_account("a2", readers=[worlds.reader("other", can_delete=True)])
