"""Telnyx as a provider: callbacks of Call Control and TeXML, API, media and transcripts.

The archive has no API of its own that answers as Telnyx's does: its path would be KAZOO's, `/v2`.
"""
