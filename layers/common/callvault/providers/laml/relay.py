"""Ask SignalWire's Recordings API for recordings of SWML and Relay, and fetch their media.

https://signalwire.com/docs/apis/rest/recordings/get-call-recording. A recording is one resource at
`/api/relay/rest/recordings/ID` of the account's API, without an extension and without the account.
"""

from callvault.account_parameter import Api
from callvault.errors import RejectedError
from callvault.models import Recording
from callvault.providers.laml.relay_events import UNNAMED
from callvault.providers.laml.resources import ID

ROOT = "/api/relay/rest/recordings"


def url(api: Api, recording: Recording) -> str:
    """Return the URL of a recording's resource.

    Raises RejectedError if the recording has no id of SignalWire's.
    """
    if not ID(recording.recording_id) or recording.recording_id.startswith(UNNAMED):
        raise RejectedError("no_media_url", "The recording's id does not have the form of this provider's ids.")
    return f"{api.origin}{ROOT}/{recording.recording_id}"
