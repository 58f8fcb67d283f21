"""Read what the stack told the function: the only place that looks at the environment."""

import os
from functools import cache
from typing import Any

from callvault.models import Frozen


class Settings(Frozen):
    """The environment, validated; template.yaml sets a variable of the same name in upper case for each."""

    accounts_path: str
    """SSM path under which each account has its parameter, without a slash at the end."""
    account_cache_seconds: int
    """How long a validated account is kept before SSM is asked again."""
    bucket_name: str
    download_url_seconds: int
    """How long a presigned address is good for."""
    event_bus_name: str
    fetch_dead_letters_url: str
    fetch_queue_url: str
    forward_dead_letters_url: str
    forward_queue_url: str
    max_media_bytes: int
    """A longer recording is not stored but `failed`, with reason `too_large`."""
    objects_dead_letters_url: str
    objects_queue_url: str
    public_url: str
    """Where providers send callbacks, as they sign it: origin and, if any, base path; blank: what a request came by."""
    table_name: str


@cache
def get() -> Settings:
    """Return the settings, read once."""
    fields: dict[str, Any] = {name: os.environ.get(name.upper()) for name in Settings.model_fields}
    return Settings.model_validate(fields)
