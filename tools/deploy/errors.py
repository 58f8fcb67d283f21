"""What stops a deployment."""


class DeployError(Exception):
    """A reason not to deploy; the message says what to do."""
