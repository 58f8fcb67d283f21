"""The responses to callbacks and uploads that fail."""

import pytest

from callvault.errors import RejectedError
from callvault.ingest import answers
from callvault.web import Request


def test_an_error_that_no_sender_should_see_is_raised_again() -> None:
    with pytest.raises(RejectedError):
        answers.failure(RejectedError("gone", "The recording is gone."), "callback", Request(method="POST", path="/"))
