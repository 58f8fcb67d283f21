"""Telnyx as a provider: callbacks of Call Control and TeXML, API, media and transcripts.

The archive has no dialect of Telnyx's API, because its path `/v2` is that of KAZOO's dialect.
"""
