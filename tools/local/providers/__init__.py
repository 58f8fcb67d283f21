"""Stand-ins for the providers' APIs, each an HTTP server on loopback, and the demo's recordings.

Nothing here imports the archive's own code: the stand-ins follow the providers' documentation.
"""
