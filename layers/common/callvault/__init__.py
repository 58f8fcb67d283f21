"""Archive call recordings of any provider, with proof that each is whole."""

__version__ = "0.2.0"
