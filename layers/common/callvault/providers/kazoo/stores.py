"""Find out whether KAZOO stores the audio of a recording in this archive.

If it does, Crossbar serves what it reads back from here, or nothing. The document's `url` names the
address that KAZOO pushes to. Of KAZOO's S3 handler the document says nothing that Crossbar shows
(`pvt_attachments`, see kz_doc.erl public_fields). But the archive has moved the object, so S3
refuses to read it, and KAZOO 4.2 and later quote S3 (kz_att_s3.erl get_reason, crossbar_doc.erl
handle_datamgr_errors, cb_context.erl add_system_error, as of 4.3 and master): Crossbar answers 500,
with the message `datastore_fault` and the words of S3 as its `cause`.
"""

import re
from collections.abc import Mapping
from typing import Any

from callvault import settings
from callvault.models import Recording
from callvault.providers import callback_urls
from callvault.providers.fields import json_object_or_empty, text
from callvault.providers.kazoo.provider import Kazoo

FAULT = 500
MISSING = re.compile(r"Access Denied|The specified key does not exist\.?")
"""Matches what S3 says of a key that does not exist, to a user without s3:ListBucket and to one who
has it (Amazon S3 API Reference, "GetObject", Permissions)."""
REFUSED = re.compile(
    r"User: .* is not authorized to perform: s3:\w+ on resource: \"?arn:[\w-]+:s3:::([^/\" ]+).*", re.DOTALL
)
"""Matches what S3 says to a user of the bucket's own AWS account, and captures the bucket's name
(Amazon S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors")."""


def is_pushed_here(provider: Kazoo, recording: Recording) -> bool:
    """Return whether Crossbar's document says that KAZOO pushes the audio to this archive.

    Raises UnavailableError, RejectedError.
    """
    return names_upload(provider, provider.document(recording))


def names_upload(provider: Kazoo, document: Mapping[str, Any]) -> bool:
    """Return whether a document says that KAZOO pushes the audio to this archive."""
    return callback_urls.is_upload(provider.account, text(document.get("url")) or "")


def may_be_read_back(provider: Kazoo, recording: Recording) -> bool:
    """Return whether Crossbar reads audio back at an address that the archive still answers at.

    It does not if the upload token was replaced after the push. Raises UnavailableError,
    RejectedError.
    """
    url = text(provider.document(recording).get("url")) or ""
    return callback_urls.is_present_upload(provider.account, url)


def was_in_s3(provider: Kazoo, recording: Recording) -> bool:
    """Return whether Crossbar says that KAZOO stored the audio in S3, where it no longer is.

    Raises UnavailableError.
    """
    answer = provider.audio_answer(recording)
    said = json_object_or_empty(answer.body) if answer.status == FAULT else {}
    data = said.get("data")
    cause = text(data.get("cause")) if isinstance(data, dict) else None
    if said.get("message") != "datastore_fault" or cause is None:
        return False
    refused = REFUSED.fullmatch(cause)
    return bool(MISSING.fullmatch(cause)) or (refused is not None and refused[1] == settings.get().bucket_name)
