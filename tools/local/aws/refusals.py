"""An error as S3 answers it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape


class Refusal(NamedTuple):
    """The HTTP status, the code and the message of an error of S3, and its other members.

    S3 API Reference, "Error responses".
    """

    status: int
    code: str
    message: str
    members: Mapping[str, object] = {}

    def xml(self) -> str:
        """Return the body of the answer."""
        members: Iterable[tuple[str, object]] = {"Code": self.code, "Message": self.message, **self.members}.items()
        text = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in members)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{text}<RequestId>local</RequestId></Error>'

    def answer(self, **headers: str) -> tuple[int, dict[str, str], str]:
        """Return the status, the headers and the body of the answer, as moto's handlers do."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.status, {"content-type": "application/xml", **named}, self.xml()


MALFORMED = Refusal(
    400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
)
