"""Tell SignalWire's types from Twilio's: an account at either is answered in its own, any other as the prefix asks."""

from collections.abc import Mapping

from callvault.dialects.laml import documents
from callvault.readers.access import Principal
from callvault.web import Request

TWILIO, SIGNALWIRE = "/2010-04-01", "/api/laml/2010-04-01"


def renderer(request: Request, principal: Principal, names: Mapping[str, str]) -> documents.Renderer:
    """Return what renders recordings in the types that the account is answered with."""
    account_id = names["account_id"]
    root = SIGNALWIRE if asked_signalwire(request) else TWILIO
    render = documents.render_signalwire if is_signalwire(request, principal) else documents.render_twilio
    return lambda recording: render(recording, documents.Place(request.origin, root, account_id))


def is_signalwire(request: Request, principal: Principal) -> bool:
    """Say whether an account is answered with SignalWire's types."""
    provider = principal.account.provider
    return provider == "signalwire" or (provider != "twilio" and asked_signalwire(request))


def asked_signalwire(request: Request) -> bool:
    """Say whether SignalWire's prefix was asked."""
    return request.path.startswith("/api/laml/")
