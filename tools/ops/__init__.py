"""The operator's command line: inspect and redrive dead letters, retry failed recordings."""
