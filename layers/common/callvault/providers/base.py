"""Say what every provider can do: the protocol that a provider's one file fulfils."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from callvault.errors import RequestError
from callvault.models import Recording
from callvault.providers.commands import Forward, Outcome, Start, Update
from callvault.transport import Source
from callvault.web import Request, Response


class Provider(Protocol):
    """One account at its provider."""

    def authenticate(self, request: Request) -> None:
        """Accept a callback that the provider sent for this account.

        Raises ForbiddenError or UnauthenticatedError otherwise, ForbiddenError too where the account has no callback
        credentials. Comes before anything else looks at the body.
        """

    def read(self, request: Request) -> Recording | None:
        """Return what a callback says of a recording, or None where it says nothing that concerns us.

        Raises InvalidRequestError naming the field, ForbiddenError for another account's recording.
        """

    def acknowledge(self) -> Response:
        """Answer a callback so that the provider counts it as delivered."""

    def refuse(self, error: RequestError) -> Response:
        """Answer a callback that is refused."""

    def describe(self, recording: Recording) -> Recording:
        """Return a pending recording with what its callback lacked and the provider's API knows.

        Called before the media is fetched. Raises UnavailableError, RejectedError; leaves out what is not worth waiting
        for.
        """

    def look_up(self, recording: Recording) -> Recording:
        """Return what the provider's API knows of an announced recording now: pending, still announced, or absent.

        What the API does not know is absent with reason `unknown`, if the API says so of the recording itself; asked
        too early, it may say so of what is to come. Raises UnavailableError, RejectedError where it cannot be asked.
        """

    def media_url(self, recording: Recording) -> str:
        """Return the address of the media, built from ids and the account's own origin, never from a callback's URL.

        Raises RejectedError where the ids do not suffice.
        """

    def start(self, command: Start, base: str) -> Outcome:
        """Start to record a call; `base` is the public URL, where our callbacks and uploads are.

        Raises NotFoundError for a call that is not there, UnprocessableError naming what the provider cannot do and
        what to do instead, UnavailableError.
        """

    def update(self, command: Update) -> Outcome:
        """Pause, resume or stop the recording of a call; raises the same."""

    @property
    def source(self) -> Source:
        """Say where the media is and how to authorize; raises UnavailableError where the account has no `api`."""


@runtime_checkable
class Signer(Protocol):
    """A provider that signs callbacks with their whole address, so that what the address says is to be believed."""

    def forward(self, request: Request) -> Forward | None:
        """Return whom else to send a genuine callback to, as its address says."""

    def sign(self, url: str, form: bytes) -> Mapping[str, str]:
        """Return the headers that make what is forwarded as genuine as the provider's own callbacks.

        `form` is the body, empty where all is in the URL. Raises RejectedError for an account without a key.
        """
