"""Refuse requests without a signature of a known key for their service and region.

The codes are those of "Error responses" of S3
(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), "Common errors" of SQS
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html), and
"Error handling with DynamoDB"
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html), whose
codes SSM and EventBridge share. The messages of a wrong scope are those of "Troubleshoot signed
requests for AWS APIs"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html); S3's own are
quoted in github.com/JuliaServices/CloudStore.jl/issues/52 and many like it. Signatures themselves
are not verified.
"""

from collections.abc import Container

from tools.local.iam import refusals
from tools.local.iam.refusals import Refusal
from tools.local.iam.signatures import Signature

TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message
UNSIGNED = "Request is missing Authentication Token"
INCOMPLETE = "The request signature does not conform to AWS standards."
S3_KEY = "The AWS Access Key Id you provided does not exist in our records."


def refusal(signature: Signature | None, keys: Container[str], service: str, region: str) -> Refusal | None:
    """Return the refusal of a signature for a service in a region, or None if it is in order."""
    if signature is None:
        return _anonymous(service)
    if signature.malformed or (service != "s3" and (signature.in_url or signature.service is None)):
        return _malformed(service, in_url=signature.in_url)
    if signature.key not in keys:
        return _unknown_key(service)
    return _wrong_scope(signature, service, region)


def _anonymous(service: str) -> Refusal:
    if service == "s3":
        return refusals.answer(service, 403, "AccessDenied", "Access Denied")
    if service == "sqs":
        return refusals.answer(service, 403, "MissingAuthenticationToken", UNSIGNED)
    return refusals.answer(service, 400, "MissingAuthenticationTokenException", UNSIGNED)


def _unknown_key(service: str) -> Refusal:
    if service == "s3":
        return refusals.answer(service, 403, "InvalidAccessKeyId", S3_KEY)
    if service == "sqs":
        return refusals.answer(service, 403, "InvalidClientTokenId", TOKEN)
    return refusals.answer(service, 400, "UnrecognizedClientException", TOKEN)


def _malformed(service: str, *, in_url: bool) -> Refusal:
    """Return the refusal of a credential in another form.

    SQS also accepts signatures in URLs. No client here uses them, so they are not distinguished.
    """
    if service == "s3":
        return _s3_scope("the Credential is mal-formed", in_url=in_url)
    if service == "sqs":
        return refusals.answer(service, 400, "IncompleteSignature", INCOMPLETE)
    return refusals.answer(service, 400, "IncompleteSignatureException", INCOMPLETE)


def _wrong_scope(signature: Signature, service: str, region: str) -> Refusal | None:
    if signature.service not in {None, service}:
        wrong = f'incorrect service "{signature.service}". This endpoint belongs to "{service}".'
        message = f"Credential should be scoped to correct service: '{service}'."
    elif signature.region not in {None, region}:
        wrong = f"the region '{signature.region}' is wrong; expecting '{region}'"
        message = f"Credential should be scoped to a valid Region, not '{signature.region}'."
    else:
        return None
    if service == "s3":
        return _s3_scope(wrong, in_url=signature.in_url)
    if service == "sqs":
        return refusals.answer(service, 403, "SignatureDoesNotMatch", message)
    return refusals.answer(service, 400, "InvalidSignatureException", message)


def _s3_scope(wrong: str, *, in_url: bool) -> Refusal:
    if in_url:
        message = f"Error parsing the X-Amz-Credential parameter; {wrong}"
        return refusals.answer("s3", 400, "AuthorizationQueryParametersError", message)
    message = f"The authorization header is malformed; {wrong}"
    return refusals.answer("s3", 400, "AuthorizationHeaderMalformed", message)
