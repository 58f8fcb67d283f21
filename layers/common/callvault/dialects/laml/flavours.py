"""Choose between SignalWire's types and Twilio's.

An account at one of the two gets its own provider's types. Every other account gets the types of
the prefix in the path.
"""

from callvault.dialects import shared_fields
from callvault.dialects.dispatch import Names
from callvault.dialects.laml import documents
from callvault.readers.access import Principal
from callvault.web import Request

TWILIO, SIGNALWIRE = "/2010-04-01", "/api/laml/2010-04-01"


def renderer(request: Request, principal: Principal, names: Names) -> documents.Renderer:
    """Return the function that renders recordings in the account's types."""
    account_id = names["account_id"]
    root = SIGNALWIRE if has_signalwire_path(request) else TWILIO
    render = documents.render_signalwire if is_signalwire(request, principal) else documents.render_twilio
    place = documents.Place(request.origin, root, account_id)
    return lambda recording: shared_fields.for_reader(render(recording, place), recording, principal)


def is_signalwire(request: Request, principal: Principal) -> bool:
    """Check whether the response has SignalWire's types."""
    provider = principal.account.provider
    return provider == "signalwire" or (provider != "twilio" and has_signalwire_path(request))


def has_signalwire_path(request: Request) -> bool:
    """Check whether the path has SignalWire's prefix."""
    return request.path.startswith("/api/laml/")
