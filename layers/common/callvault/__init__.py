"""Archive call recordings of any provider, with proof that each is whole."""
