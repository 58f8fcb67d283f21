"""Everything that is specific to KAZOO as a provider; its query API is in `dialects.kazoo`."""
