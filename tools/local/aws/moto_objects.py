"""Make moto store objects atomically, and send the events that S3 sends.

Each public function replaces parts of moto 5.2.5, and its docstring says what the new parts do.
Only the AWS process imports this module.
"""

# ruff: noqa: ANN401 - this module handles moto's own types and internals

import functools
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.s3 import notifications
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

from tools.local.aws.moto_fixes import one_at_a_time, replace


def order_objects() -> None:
    """Make `If-None-Match` atomic, and send an object's event after its metadata is stored."""
    lock = threading.RLock()
    for name in ("put_object", "copy_object", "delete_object", "_key_response_post", "_bucket_response_delete_keys"):
        replace(S3Response, **{name: _announcing_last(one_at_a_time(getattr(S3Response, name), lock))})
    replace(notifications, send_event=_send_event)


def shape_object_events() -> None:
    """Send the events that S3 sends: one event for a multipart upload, and one for a deletion.

    Each event has a sequencer and, in a versioned bucket, a version id.
    """
    complete, delete = S3Backend.complete_multipart_upload, S3Backend.delete_object

    def complete_announced_once(backend: Any, *arguments: Any, **named: Any) -> Any:
        kept = list(_held())
        key = complete(backend, *arguments, **named)
        # moto stores the object by a put and sends that event too, but S3 does not.
        _held()[:] = kept + [held for held in _held()[len(kept) :] if not held[1].endswith(":Put")]
        return key

    def delete_announced(
        backend: Any, bucket_name: str, key_name: str, version_id: str | None = None, **named: Any
    ) -> Any:
        kept = list(_held())
        found, about = delete(backend, bucket_name, key_name, version_id, **named)
        _held()[:] = kept
        events = notifications.S3NotificationEvent
        if found:
            bucket = backend.get_bucket(bucket_name)
            marked = bucket.is_versioned and version_id is None
            event = events.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT if marked else events.OBJECT_REMOVED_DELETE_EVENT
            notifications.send_event(backend.account_id, event, bucket, _Removed(key_name, about.get("version-id")))
        return found, about

    replace(S3Backend, complete_multipart_upload=complete_announced_once, delete_object=delete_announced)
    replace(notifications, _get_s3_event=_s3_event)


class _Removed:
    """The attributes of a deleted key that an event has."""

    etag = ""
    size = None

    def __init__(self, name: str, version_id: str | None) -> None:
        self.name = name
        self.version_id = version_id


_thread = threading.local()
_send_now = notifications.send_event


def _held() -> list[tuple[Any, ...]]:
    """Return the events that this thread's request has caused and that have not been sent yet."""
    if not hasattr(_thread, "events"):
        _thread.events = []
    events: list[tuple[Any, ...]] = _thread.events
    return events


def _send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
    _held().append((account_id, event_name.value, bucket, key, event_name))
    if not getattr(_thread, "depth", 0):
        _send_held()


def _send_held() -> None:
    events, _thread.events = _held(), []
    for account_id, _, bucket, key, event_name in events:
        _send_now(account_id, event_name, bucket, key)


def _announcing_last(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def held(*arguments: Any, **named: Any) -> Any:
        _thread.depth = getattr(_thread, "depth", 0) + 1
        try:
            return method(*arguments, **named)
        finally:
            _thread.depth -= 1
            if not _thread.depth:
                _send_held()

    return held


_sequence = 0


def _s3_event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    """Return an event (S3 user guide, "Event message structure")."""
    global _sequence  # noqa: PLW0603 - S3 has a sequencer for each key; one for all keys grows as well
    _sequence += 1
    about: dict[str, Any] = {"key": quote_plus(key.name, safe="/"), "sequencer": f"{_sequence:016X}"}
    if key.size is not None:
        about |= {"size": key.size, "eTag": key.etag.replace('"', "")}
    if bucket.is_versioned and key.version_id:
        about["versionId"] = key.version_id
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": iso_8601_datetime_with_milliseconds(),
        "eventName": str(getattr(event_name, "value", event_name)).removeprefix("s3:"),
        "userIdentity": {"principalId": "AWS:local"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "local", "x-amz-id-2": "local"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": "local"}, "arn": bucket.arn},
            "object": about,
        },
    }
    return {"Records": [record]}
