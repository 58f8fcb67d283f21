"""Estimate how many bytes the media of a listed recording has.

A size that the provider reports is used as it is. Otherwise the estimate is the duration, times the
bytes of a second by the format, times the channels. What is known of these:

- Twilio documents 128 kbit/s for WAVE, which is 8 kHz with 16 bits, and 32 kbit/s for MP3
  (https://support.twilio.com/hc/en-us/articles/360002588893).
- KAZOO records 8 kHz with 16 bits by default (ecallmgr.record_sample_rate).
- Bandwidth and SignalWire document neither rate, so those of Twilio are assumed, as for MP3 of
  KAZOO.

The rate of an MP4 and of a recording without a duration cannot be estimated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from callvault import providers
from callvault.models import Recording

BYTES_PER_SECOND = {"wav": 16_000, "mp3": 4_000}
"""Bytes of a second by the format."""
PER_CHANNEL: Mapping[str, bool] = {"wav": True, "mp3": False}
"""Whether each channel has as many. The two channels of an MP3 share its bit rate."""

type Row = dict[str, Any]


@dataclass
class Group:
    """The recordings that have the same provider, format and number of channels."""

    recordings: int = 0
    milliseconds: int = 0
    size: int = 0
    """The size of all whose size is reported or can be estimated, in bytes."""
    reported: int = 0
    """The number of recordings whose size the provider reports."""
    unknown: int = 0
    """The number of recordings whose size can be neither."""


@dataclass
class Sizes:
    """The sizes of many recordings. `media_format` is what is fetched if the list names none."""

    media_format: str
    groups: dict[tuple[str, str, int], Group] = field(default_factory=dict)

    def add(self, recording: Recording) -> int | None:
        """Count a recording, and return the bytes of its media as estimated, or None."""
        name, channels = recording.format or self.media_format, recording.channels or 1
        group = self.groups.setdefault((recording.provider, name, channels), Group())
        group.recordings += 1
        group.milliseconds += recording.duration_ms or 0
        reported = providers.announced_bytes(recording)
        size = reported or estimate(name, channels, recording.duration_ms)
        group.size += size or 0
        group.reported += reported is not None
        group.unknown += size is None
        return size

    def rows(self) -> list[Row]:
        """Return the groups, sorted."""
        return list(self._rows())

    def _rows(self) -> Iterator[Row]:
        for (provider, name, channels), group in sorted(self.groups.items()):
            yield {
                "provider": provider,
                "format": name,
                "channels": channels,
                "recordings": group.recordings,
                "seconds": round(group.milliseconds / 1000),
                "bytes": group.size,
                "size_reported": group.reported,
                "size_unknown": group.unknown,
            }


def estimate(name: str, channels: int, duration_ms: int | None) -> int | None:
    """Return the bytes of a recording in a format, or None if that cannot be estimated."""
    rate = BYTES_PER_SECOND.get(name)
    if rate is None or duration_ms is None:
        return None
    return duration_ms * rate * (channels if PER_CHANNEL[name] else 1) // 1000
