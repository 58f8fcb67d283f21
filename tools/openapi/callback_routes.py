"""Describe the routes of callbacks: authentication, parameters and responses, by provider."""

from dataclasses import dataclass

from callvault.ingest.callbacks import APPENDED, MAX_APPENDED, MAX_BODY_BYTES
from callvault.providers import PROVIDERS
from tools.openapi import facts, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import FORM, JSON, XML, Shape


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """The description of one provider's callbacks."""

    name: str
    """The provider's name in prose."""
    acknowledgement: dict[int, Shape]
    body: Shape
    fields: str
    """Name of the schema of the fields in the query of a GET."""
    authentication: str
    signatures: tuple[str, ...] = ()
    """Names of the parameters for the headers of a signature."""
    refusal: str = "Refusal"
    """Name of the schema of a refusal: `Refusal` is JSON, and `XmlRefusal` is XML."""


LAML_DOCUMENT = {
    200: shapes.answer(
        "The callback is stored durably. SignalWire and Twilio treat any other document as an error.",
        {XML: shapes.text("`<Response/>`")},
    )
}
LAML_BODY = shapes.body({kind: shapes.schema("CompatibilityCallback") for kind in (FORM, JSON)})
SIGNALWIRE_JSON = {"anyOf": [shapes.schema("CompatibilityCallback"), shapes.schema("SignalWireEvent")]}
CALLBACKS = {
    "bandwidth": Callbacks(
        name="Bandwidth",
        acknowledgement={204: shapes.answer("The callback is stored durably.")},
        body=shapes.body({JSON: shapes.schema("BandwidthCallback")}),
        fields="BandwidthCallback",
        authentication="A callback must carry the account's `callback.token` in the path or, if it has none, its Basic "
        "credentials. Basic credentials that are sent along with a token must be right too.",
    ),
    "kazoo": Callbacks(
        name="KAZOO",
        acknowledgement={200: shapes.answer("The callback is stored durably. The body is empty.")},
        body=shapes.body({kind: shapes.schema("KazooWebhook") for kind in (JSON, FORM)}),
        fields="KazooWebhookFields",
        authentication="A callback must carry every secret that is configured for the account: `callback.token` in the "
        "path, Basic credentials, an HMAC by `callback.hmac_key`, or several of these.",
    ),
    "signalwire": Callbacks(
        name="SignalWire",
        acknowledgement=LAML_DOCUMENT,
        body=shapes.body({FORM: shapes.schema("CompatibilityCallback"), JSON: SIGNALWIRE_JSON}),
        fields="CompatibilityCallback",
        authentication="A signature by one of the project's signing keys authenticates a callback. The callback also "
        "needs the account's token, if one is configured.",
        signatures=("x_signalwire_signature", "x_twilio_signature"),
        refusal="XmlRefusal",
    ),
    "telnyx": Callbacks(
        name="Telnyx",
        acknowledgement={200: shapes.answer("The callback is stored durably. The body is empty.")},
        body=shapes.body({JSON: shapes.schema("TelnyxWebhook"), FORM: shapes.schema("CompatibilityCallback")}),
        fields="CompatibilityCallback",
        authentication="A signature (Ed25519) over the timestamp and the body authenticates a callback. One of the "
        "account's public keys must verify it. The timestamp may differ from the archive's clock by five minutes. The "
        "callback also needs the account's token, if one is configured. A GET is refused, because its fields are not "
        "signed.",
        signatures=("telnyx_signature", "telnyx_timestamp"),
    ),
    "twilio": Callbacks(
        name="Twilio",
        acknowledgement=LAML_DOCUMENT,
        body=LAML_BODY,
        fields="CompatibilityCallback",
        authentication="A signature by the account's Auth Token or a SharedKey authenticates a callback. The callback "
        "also needs the account's token, if one is configured.",
        signatures=("x_twilio_signature", "x_twilio_settings"),
        refusal="XmlRefusal",
    ),
}
"""Description of the callbacks, by provider. A test fails for a provider without one."""
METHODS = ("POST", "PUT", "GET")
PARAMETERS: dict[str, Shape] = {
    **{
        f"appended_{name}": shapes.query(
            name,
            shapes.text(
                f"Parameter that the user appends to the callback URL. It sets the recording's `{field}`, if the "
                "callback does not have that field.",
                maxLength=MAX_APPENDED,
            ),
        )
        for name, field in APPENDED.items()
    },
    "x_twilio_signature": shapes.header("X-Twilio-Signature", shapes.text("The signature, in Base64.")),
    "x_twilio_settings": shapes.header(
        "X-Twilio-Webhooks-Signature-Settings",
        shapes.text("Key and algorithm of the signature. Default: the Auth Token and SHA-1."),
    ),
    "telnyx_signature": shapes.header("Telnyx-Signature-Ed25519", shapes.text("The signature, in Base64.")),
    "telnyx_timestamp": shapes.header(
        "Telnyx-Timestamp", shapes.text("The time of the signature, in Unix seconds. It is signed too.")
    ),
    "x_signalwire_signature": shapes.header("X-SignalWire-Signature", shapes.text("The signature, in Base64 or hex.")),
    **{
        f"fields_{name}": shapes.query(
            "fields",
            {"description": "The fields that a POST has in its body.", **shapes.schema(name)},
            style="form",
            explode=True,
        )
        for name in dict.fromkeys(described.fields for described in CALLBACKS.values())
    },
}


def _refusals(provider: str) -> dict[int, Shape]:
    """Return the error responses of a callback."""
    return facts.refused(CALLBACKS[provider].refusal, 400, 401, 403) | facts.refused("Refusal", 413, 500, 503)


def _entry(provider: str, method: str, *, token: bool) -> Entry:
    """Return the entry of a provider's callbacks with a method."""
    described = CALLBACKS[provider]
    names = [*described.signatures, *(f"appended_{name}" for name in APPENDED)]
    if method == "GET":
        names.append(f"fields_{described.fields}")
    return Entry(
        parameters=tuple(shapes.parameter(name) for name in names),
        body=None if method == "GET" else described.body,
        security=({}, {"basic": []}),
        answers=described.acknowledgement | _refusals(provider),
        words=f"""Accept a callback of {described.name} by {method}{"" if token else ", without a token"}.

        {described.authentication} A callback about an event that the archive does not use is
        acknowledged too. So is a callback whose account cannot be read: it is authenticated
        when the account can be read. A body has at most {MAX_BODY_BYTES} bytes.""",
    )


ENTRIES: dict[tuple[str, str], Entry] = {
    (method, f"/callbacks/{provider}/{{account_id}}{rest}"): _entry(provider, method, token=bool(rest))
    for provider in PROVIDERS
    if provider in CALLBACKS
    for rest in ("", "/{token}")
    for method in METHODS
}
RESPONSES: dict[str, Shape] = {
    **facts.refusals("Refusal", (400, 401, 403, 404, 409, 413, 415, 500, 503), {JSON: shapes.schema("Refusal")}),
    **facts.refusals(
        "XmlRefusal", (400, 401, 403), {XML: shapes.text("An empty document. A comment in it has the reason.")}
    ),
}
