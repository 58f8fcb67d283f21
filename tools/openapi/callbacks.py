"""Describe where providers send their callbacks: how they prove themselves, what is read of it, what they are told."""

from callvault.ingest.callbacks import APPENDED, MAX_APPENDED, MAX_BODY_BYTES
from callvault.providers import PROVIDERS
from tools.openapi import callback_schemas as schemas
from tools.openapi import facts, shapes
from tools.openapi.entries import Entry
from tools.openapi.shapes import FORM, JSON, XML, Shape

LAML = "SignalWire and Twilio count anything but an empty document as an error."
EMPTY = shapes.answer(f"It is durable. {LAML}", {XML: shapes.text("`<Response/>`")})
TAKEN: dict[str, dict[int, Shape]] = {
    "bandwidth": {204: shapes.answer("It is durable.")},
    "kazoo": {200: shapes.answer("It is durable. The body is empty.")},
    "signalwire": {200: EMPTY},
    "twilio": {200: EMPTY},
}
BODIES: dict[str, Shape] = {
    "bandwidth": shapes.body({JSON: shapes.schema("BandwidthCallback")}),
    "kazoo": shapes.body({kind: shapes.schema("KazooWebhook") for kind in (JSON, FORM)}),
    "signalwire": shapes.body({kind: shapes.schema("CompatibilityCallback") for kind in (FORM, JSON)}),
    "twilio": shapes.body({kind: shapes.schema("CompatibilityCallback") for kind in (FORM, JSON)}),
}
FIELDS = {
    "bandwidth": "BandwidthCallback",
    "kazoo": "KazooWebhookFields",
    "signalwire": "CompatibilityCallback",
    "twilio": "CompatibilityCallback",
}
PROOFS = {
    "bandwidth": "Genuine is what brings the account's `callback.token` in the path, its Basic credentials, or both "
    "where both are configured.",
    "kazoo": "Genuine is what brings the account's `callback.token` in the path, its Basic credentials, or an HMAC by "
    "its key, as configured.",
    "signalwire": "Genuine is what the project's signing key has signed; a token must be right as well if one is "
    "configured.",
    "twilio": "Genuine is what the account's Auth Token or a SharedKey has signed; a token must be right as well if "
    "one is configured.",
}
SIGNATURES = {
    "signalwire": ("x_signalwire_signature", "x_twilio_signature"),
    "twilio": ("x_twilio_signature", "x_twilio_settings"),
}
NAMES = {"bandwidth": "Bandwidth", "kazoo": "KAZOO", "signalwire": "SignalWire", "twilio": "Twilio"}
METHODS = ("POST", "PUT", "GET")
PARAMETERS: dict[str, Shape] = {
    **{
        f"appended_{name}": shapes.query(
            name,
            shapes.text(
                f"Written into the callback's address: the recording's `{field}`, if the callback has none.",
                maxLength=MAX_APPENDED,
            ),
        )
        for name, field in APPENDED.items()
    },
    "x_twilio_signature": shapes.header("X-Twilio-Signature", shapes.text("The signature, in Base64.")),
    "x_twilio_settings": shapes.header(
        "X-Twilio-Webhooks-Signature-Settings",
        shapes.text("Which key and algorithm signed, if not the Auth Token by SHA-1."),
    ),
    "x_signalwire_signature": shapes.header("X-SignalWire-Signature", shapes.text("The signature, in Base64 or hex.")),
    **{
        f"fields_{name}": shapes.query(
            "fields", {"description": "What POST has in its body.", **shapes.schema(name)}, style="form", explode=True
        )
        for name in dict.fromkeys(FIELDS.values())
    },
}


def _refusals(provider: str) -> dict[int, Shape]:
    """Refer to what a callback may be refused with."""
    kind = "XmlRefusal" if provider in SIGNATURES else "Refusal"
    return facts.refused(kind, 400, 401, 403) | facts.refused("Refusal", 404, 413, 500, 503)


def _entry(provider: str, method: str, *, token: bool) -> Entry:
    """Return the entry of a provider's callbacks that come by a method."""
    names = [*SIGNATURES.get(provider, ()), *(f"appended_{name}" for name in APPENDED)]
    if method == "GET":
        names.append(f"fields_{FIELDS[provider]}")
    return Entry(
        parameters=tuple(shapes.parameter(name) for name in names),
        body=None if method == "GET" else BODIES[provider],
        security=({}, {"basic": []}),
        answers=TAKEN[provider] | _refusals(provider),
        words=f"""Take a callback of {NAMES[provider]}'s by {method}{"" if token else ", without a token"}.

        {PROOFS[provider]} What concerns no recording is acknowledged all the same. A body
        has at most {MAX_BODY_BYTES} bytes.""",
    )


ENTRIES: dict[tuple[str, str], Entry] = {
    (method, f"/callbacks/{provider}/{{account_id}}{rest}"): _entry(provider, method, token=bool(rest))
    for provider in PROVIDERS
    if provider in TAKEN
    for rest in ("", "/{token}")
    for method in METHODS
}
RESPONSES: dict[str, Shape] = {
    **facts.refusals("Refusal", (400, 401, 403, 404, 409, 413, 415, 500, 503), {JSON: shapes.schema("Refusal")}),
    **facts.refusals(
        "XmlRefusal", (400, 401, 403), {XML: shapes.text("An empty document with a comment that says why.")}
    ),
}
SCHEMAS = schemas.SCHEMAS
