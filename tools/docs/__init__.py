"""Check the documentation: the Markdown files, and the site that is built from docs/.

The fenced blocks are tested elsewhere: tests/docs and tests/e2e/test_documents.py.
"""
