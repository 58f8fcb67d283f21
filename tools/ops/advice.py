"""Say what an operator can do about an error of AWS, or of the package."""

from botocore import exceptions
from botocore.exceptions import ClientError

from callvault.errors import UnavailableError

SIGN_IN = "Sign in again, for example with `aws sso login`, and repeat the command."
CHOOSE = "Set AWS_PROFILE to a profile of ~/.aws/config, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
CONNECT = "Check the network, AWS_REGION and AWS_ENDPOINT_URL, and repeat the command."
PERMISSIONS = "The page docs/operate/command-line.md lists the permissions that the command needs."
REPEAT = f"Repeat the command. If it fails again, check your permissions. {PERMISSIONS}"

BY_TYPE: dict[type[Exception], str] = {
    exceptions.NoCredentialsError: CHOOSE,
    exceptions.PartialCredentialsError: CHOOSE,
    exceptions.ProfileNotFound: CHOOSE,
    exceptions.NoRegionError: "Set AWS_REGION to the region of the stack, such as us-east-1.",
    exceptions.SSOError: SIGN_IN,
    exceptions.TokenRetrievalError: SIGN_IN,
    exceptions.CredentialRetrievalError: SIGN_IN,
    exceptions.ConnectionError: CONNECT,
    exceptions.HTTPClientError: CONNECT,
    UnavailableError: REPEAT,
}
"""What to do about an error, by its type; the first one that fits applies."""
BY_CODE = {
    "AccessDenied": PERMISSIONS,
    "AccessDeniedException": PERMISSIONS,
    "ExpiredToken": SIGN_IN,
    "ExpiredTokenException": SIGN_IN,
    "RequestExpired": "Set the clock of this machine, and repeat the command.",
    "InvalidClientTokenId": CHOOSE,
    "UnrecognizedClientException": CHOOSE,
    "SignatureDoesNotMatch": CHOOSE,
    "Throttling": REPEAT,
    "ThrottlingException": REPEAT,
}
"""What to do about an error, by the code in AWS's answer.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
"""


def describe(error: Exception) -> str:
    """Return an error as one sentence."""
    if isinstance(error, ClientError):
        answer = error.response["Error"]
        return f"{error.operation_name}: {answer.get('Code')}: {answer.get('Message')}"
    return str(error)


def give(error: Exception) -> str | None:
    """Return what the operator can do; None if the error itself says it."""
    if isinstance(error, ClientError):
        return BY_CODE.get(error.response["Error"].get("Code", ""))
    return next((advice for kind, advice in BY_TYPE.items() if isinstance(error, kind)), None)
