"""Check the documentation: README.md, CONTRIBUTING.md and docs/, and the site that is built from docs/.

What the fenced blocks do is tested elsewhere: tests/docs and tests/e2e/test_documents.py.
"""
