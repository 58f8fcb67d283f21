"""KAZOO's query API (Crossbar): routes, documents, errors."""
