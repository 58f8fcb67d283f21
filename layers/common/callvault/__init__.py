"""Archive call recordings from telephony providers, and verify each stored copy."""

__version__ = "0.3.0.dev0"
