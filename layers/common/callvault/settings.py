"""Read the settings from the environment. No other module reads environment variables."""

import os
from functools import cache
from typing import Any

from callvault.values import Frozen


class Settings(Frozen):
    """The validated settings.

    template.yaml sets an environment variable for each setting. The variable's name is the
    setting's name in upper case.
    """

    accounts_path: str
    """The SSM path of the accounts' parameters, without a slash at the end."""
    account_cache_seconds: int
    """Time for which a validated account is cached, in seconds."""
    backfill_dead_letters_url: str
    backfill_queue_url: str
    bucket_name: str
    cors_origins: str
    """Origins whose pages may read every response, separated by commas; see `dialects.cors`."""
    download_url_seconds: int
    """Time for which a presigned URL is valid, in seconds."""
    event_bus_name: str
    fetch_dead_letters_url: str
    fetch_queue_url: str
    forward_dead_letters_url: str
    forward_queue_url: str
    max_media_bytes: int
    """Maximum size of a recording, in bytes. A larger one becomes `failed`, reason `too_large`."""
    objects_dead_letters_url: str
    objects_queue_url: str
    parked_dead_letters_url: str
    parked_queue_url: str
    public_url: str
    """The origin, and base path if any, of the callback URLs that providers sign.

    If it is blank, the origin of each request is used.
    """
    reconcile_days: int
    """Number of days, today included, that the reconciliation looks back at most."""
    reconcile_dead_letters_url: str
    reconcile_lag_minutes: int
    """Time, in minutes, after which a provider's list has what it will have of a moment."""
    reconcile_overlap_days: int
    """Number of days that the reconciliation covers again."""
    reconcile_per_minute: int
    """Maximum number of recordings of one account that the reconciliation takes in a minute."""
    reconcile_queue_url: str
    recovery_per_second: int
    """Maximum number of fetches in a second from an origin that has just recovered."""
    table_name: str


@cache
def get() -> Settings:
    """Return the settings. The environment is read once."""
    fields: dict[str, Any] = {name: os.environ.get(name.upper()) for name in Settings.model_fields}
    return Settings.model_validate(fields)
