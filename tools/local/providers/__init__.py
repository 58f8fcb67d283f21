"""Stand-ins for the providers' APIs, and what the demo plays on them."""
