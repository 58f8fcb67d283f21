"""Protocols that the providers implement.

`Provider` is for all of them. `Signer` is for those that sign the URL of a callback, `Weigher` for
those that report the size of the media, `Explainer` for those whose API may say why media cannot
be fetched.
"""

import re
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from callvault.account_parameter import Account
from callvault.errors import RequestError
from callvault.models import Recording
from callvault.providers.commands import Forward, Outcome, Start, Update
from callvault.transport.source import Source
from callvault.web import Request, Response

OTHER = "other"
"""The event of a callback that is not in the provider's list of events."""


class Provider(Protocol):
    """A telephony provider for one account. It reads the provider's callbacks and calls its API.

    The constructor accepts the account. An error's type says how to continue (`errors.py`).
    Requests to the provider's API raise UnavailableError if a later attempt may succeed, and
    RejectedError if none can.
    """

    @property
    def account(self) -> Account:
        """Return the account."""

    def authenticate(self, request: Request) -> None:
        """Accept a callback that the provider sent for this account.

        Raises ForbiddenError or UnauthenticatedError for any other request, and ForbiddenError if
        the account has no callback credentials. The caller calls `read`, which parses the body,
        only after this method has returned.
        """

    def read(self, request: Request) -> Recording | None:
        """Return the recording that a callback reports; None if it reports another event.

        Raises InvalidRequestError with the field that is missing or malformed, and ForbiddenError
        if the recording belongs to another account.
        """

    def believes_query(self) -> bool:
        """Return whether the parameters that a user appended to a callback's URL are believed.

        They are not if only the body of a callback is signed.
        """

    def event(self, request: Request) -> str:
        """Return the event of a callback that `read` has read as no recording.

        It is a word of a list of the provider's events, or OTHER, so that a metric has few of them.
        """

    @staticmethod
    def is_signed(request: Request) -> bool:
        """Return whether a callback carries the provider's signature, genuine or not."""

    @staticmethod
    def acknowledge() -> Response:
        """Return the response that makes the provider count a callback as delivered."""

    @staticmethod
    def refuse(error: RequestError) -> Response:
        """Return the response to a callback that is refused."""

    def describe(self, recording: Recording) -> Recording:
        """Return a pending recording, completed with fields from the provider's API.

        The method is called before the media is fetched. Raises UnavailableError and RejectedError
        only for fields that the fetch needs. If other fields cannot be read, the recording lacks
        them.
        """

    def look_up(self, recording: Recording) -> Recording:
        """Return an announced recording in the state that the provider's API reports now.

        The state is pending, still announced, or absent. It is absent with reason `unknown` if the
        API answers that there is no such recording. An API may also give this answer about a
        recording that it does not have yet. If the announcement did not name the recording and the
        API does, the returned recording has the id that the API gives it. Raises
        UnavailableError or RejectedError if the API gives no usable answer.
        """

    def media_url(self, recording: Recording) -> str:
        """Return the URL of the media, built from the ids and the origin of the account's API.

        A URL from a callback is never used, so that a forged one cannot redirect the fetch. Raises
        RejectedError if the recording lacks an id that the URL needs, or an id is malformed.
        """

    def is_encrypted(self, recording: Recording) -> bool:
        """Return whether the provider encrypted the media with a key of the customer's.

        Such media is stored as it comes, because nobody here can tell what it contains.
        """

    def start(self, command: Start, base: str) -> Outcome:
        """Start to record a call; `base` is the public URL of our callbacks and uploads.

        Raises NotFoundError if there is no such call; UnprocessableError if the provider cannot
        carry out the command, with a message that says what to do instead; and UnavailableError.
        """

    def update(self, command: Update) -> Outcome:
        """Pause, resume or stop the recording of a call; raises the same errors as `start`."""

    @property
    def source(self) -> Source:
        """Return where the media is fetched from and with which credentials.

        Raises UnavailableError if the account has no `api`.
        """


class ProviderClass(Protocol):
    """The class of a provider, and what it can say about a callback whose account is not known."""

    MENTION: re.Pattern[bytes]
    """Matches a recording's id in the query or the body of a callback; group 1 is the id.

    It serves the log of a refused callback, which is never parsed: what it finds is only a claim.
    """

    def __call__(self, account: Account) -> Provider:
        """Return the provider for an account."""

    def is_signed(self, request: Request) -> bool:
        """Return what `Provider.is_signed` returns."""

    def acknowledge(self) -> Response:
        """Return what `Provider.acknowledge` returns."""

    def refuse(self, error: RequestError) -> Response:
        """Return what `Provider.refuse` returns."""


@runtime_checkable
class Weigher(Protocol):
    """A provider, or its class, that reports how large its media is."""

    @staticmethod
    def announced_bytes(recording: Recording) -> int | None:
        """Return the size of a recording's media in bytes, or None if it was not reported."""


@runtime_checkable
class Explainer(Protocol):
    """A provider whose API may say why the media of a recording cannot be fetched."""

    def explain(self, recording: Recording, reason: str) -> Recording | None:
        """Return a pending recording as its resource describes it, after a fetch that failed.

        The returned recording is pending if its media has to be fetched in another way, and absent
        if its media is not at the provider. Return None if the resource does not explain `reason`.
        Raises UnavailableError if the resource cannot be read.
        """


@runtime_checkable
class Signer(Protocol):
    """A provider whose signatures cover the URL of a callback, including our parameters in it."""

    def forward(self, request: Request) -> Forward | None:
        """Return the user's own callback that an authenticated callback's URL names, or None."""

    def sign(self, url: str, form: bytes) -> Mapping[str, str]:
        """Return headers that sign a forwarded callback as the provider signs its own.

        `form` is the body; it is empty if the callback has its parameters in the URL. Raises
        RejectedError if the account has no signing key.
        """
