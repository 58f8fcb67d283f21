"""The errors of this package: a denied request, and what the evaluator does not know."""


class DeniedError(Exception):
    """A function sent a request that its role does not allow, or that is not known."""


class UnknownError(Exception):
    """A policy or a request contains something that the evaluator does not know.

    The evaluator never guesses: neither "allowed" nor "denied" would be known to be right.
    """


class MalformedPolicyError(UnknownError):
    """AWS refuses the policy when it is deployed, with the error MalformedPolicyDocument."""
