"""Bandwidth's query API: routes, documents, errors."""
