"""Everything that is specific to Bandwidth as a provider; its query API is in `dialects.bandwidth`."""
