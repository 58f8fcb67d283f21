"""The local stack: template.yaml, deployed without Docker."""
