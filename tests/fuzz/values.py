"""Make random values that programs handle badly, and mutate genuine ones."""

import json
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes

NASTY_TEXTS = (
    "", " ", "0", "-1", "-0", "1e400", "NaN", "Infinity", "null", "true", "undefined", "None", "[]", "{}", "\x00",
    "a\x00b",
    "\r\n", "x\r\nset-cookie: a=b", "\n{\"level\":\"ERROR\"}", "\x1b[31mred\x1b[0m", "\u2028", "\u2029", "\u0085",
    "\ufeff",
    "\ufffe", "\uffff", "\ud7ff", "\ue000", "\U0010ffff", "\u202e", "é", "e\u0301", "ß", "İ", "٣",
    "\uff11\uff12\uff13", "²", "①", "Ⅷ",
    ".", "..", "../..", "../../../etc/passwd", "..%2f..%2f", "%2e%2e", "%", "%00", "%ff", "%u0041", "/", "//", "\\",
    "a/b", "a#b", "a?b", "a&b=c", "a;b", "a b", "'", '"', "<script>", "]]>", "--", "<!--", "-->", "${jndi:ldap://x}",
    "{{7*7}}", "' OR 1=1 --", "=cmd|' /C calc'!A0", "+15551234567", "sip:a@b;c=d", "Restricted", "anonymous",
    "https://evil.example/x.wav", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "//evil.example",
    "999999999999999", "9999999999999999999999999", "9" * 400, "1" * 5000, "1_000", "0x10", "\uff11", "1.5", "1,5",
    "+1", "-5",
    "PT", "P", "PT1S", "PT9999999999S", "P9999999999DT9999999999H9999999999M9999999999S", "PT1.5M", "PT.5S",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999-14:00", "0000-01-01T00:00:00Z",
    "2024-02-30",
    "0001-01-01T00:00:00+14:00", "2024-W01", "20240101T000000Z", "2024-01-01T24:00:00Z", "2016-12-31T23:59:60Z",
    "Fri, 20 Nov 2026 09:30:00 +0000", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359", "Fri",
    "62167219200", "62167219199", "377705116799", "377705116800", "63871672800.5", "complete", "PARTIAL", "error",
    "deleted",
    "completed", "in-progress", "absent", "failed", "inbound", "OUTBOUND", "outbound-api", "wav", "mp3", "MP3",
    "audio/mpeg",
    "doc_created", "doc_edited", "doc_deleted", "event", "call_recording", "recordingAvailable", "recordingComplete",
    "x" * 257, "é" * 129,
)  # fmt: skip
LONG_TEXTS = (
    "k" * 2100, "\x01" * 3000, "\U0001f4de" * 600, "y" * 20_000, "é" * 60_000, "\x02" * 120_000, "z" * 300_000,
)  # fmt: skip
NASTY_NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2, 10**15, 10**16, 10**40, -(10**40), 2**53, 2**63, 2**64, 1.5, -0.0, 1e308, 5e-324, 0.1, True, False,
    None,
    63871672800, 377705116800,
)  # fmt: skip
NASTY_JSON = (
    b"", b"null", b"[]", b"{}", b"0", b'""', b"NaN", b"[" * 100_000, b'{"a":' * 50_000, b'{"a":NaN}', b'{"a":1e999}',
    b'{"a":-Infinity}', b'{"a":"\\ud800"}', b'{"a":"\\udc00\\ud800"}', b'{"\\ud800":1}', b'{"a":1,"a":2}',
    b'{"a":"\x00"}',
    b'{"a":' + b"9" * 5000 + b"}", b'{"a":1}trailing', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"\xfe\xff\x00{\x00}",
    b"{'a':1}", b'{"a":1,}', b'{"a":"\xff"}', b"\x1f\x8b\x08\x00", b"--x\r\n", b"a=b", b"<xml/>",
)  # fmt: skip
"""Bodies that are hard to parse as JSON."""
LITERALS = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1E400", b"9" * 4300, b"9" * 4301, b'"\\ud800"',
    b'"\\uDFFF x"',
    b'"\\u0000"', b"[" * 60 + b"]" * 60, b"[" * 29 + b"]" * 29, b'{"a":' * 40 + b"1" + b"}" * 40,
    b"[" * 3000 + b"]" * 3000,
    b'{"\\ud800":{"\\u0000":NaN}}', b'{"__proto__":{"a":1}}', b'{"":""}', b'{"url":{"url":"https://a:b@c"}}',
)  # fmt: skip
"""JSON texts that json.dumps does not write."""


def text(random: Random) -> str:
    """Return a text that is hard to parse or to store."""
    chosen = random.choice(NASTY_TEXTS if random.random() < 0.99 else LONG_TEXTS)
    return chosen + random.choice(NASTY_TEXTS)[:50] if random.random() < 0.1 else chosen


def value(random: Random, levels: int = 3) -> Any:
    """Return a random JSON value with at most `levels` levels of nesting."""
    roll = random.randrange(10)
    if roll < 5 or levels == 0:
        return text(random)
    if roll < 8:
        return random.choice(NASTY_NUMBERS)
    members = range(random.randrange(4))
    if roll == 8:
        return [value(random, levels - 1) for _ in members]
    return {text(random)[:100]: value(random, levels - 1) for _ in members}


def pairs(random: Random, known: list[tuple[str, Any]], names: list[str]) -> list[tuple[str, Any]]:
    """Return fields with some of them changed, removed, repeated, renamed or added."""
    changed = list(known)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3, 8))):
        place = random.randrange(len(changed) + 1)
        name = random.choice(names) if random.random() < 0.9 else text(random)[:300]
        match random.randrange(6):
            case 0:
                del changed[place : place + 1]
            case 1:
                changed[place : place + 1] = changed[place : place + 1] * 2
            case 2 if place < len(changed):
                changed[place] = (name, changed[place][1])
            case 3:
                changed.insert(place, (name, value(random)))
            case _ if place < len(changed):
                changed[place] = (changed[place][0], value(random))
            case _:
                changed.insert(place, (name, text(random)))
    return changed


def form(random: Random, fields: list[tuple[str, Any]]) -> bytes:
    """Return fields as a form, some of them not UTF-8, with varying escapes."""
    written = []
    for name, content in fields:
        written_value = content if isinstance(content, str) else json.dumps(content)
        if random.random() < 0.01:
            written_value += "\udcff" * (70_000 if random.random() < 0.03 else 1)
        safe = random.choice(("", "", "@:/", "%", ";"))
        name_and_value = [
            quote_from_bytes(part.encode(errors="surrogateescape"), safe) for part in (name, written_value)
        ]
        written.append("=".join(name_and_value))
    return random.choice("&&&&&;").join(written).encode()


def document(random: Random, fields: list[tuple[str, Any]]) -> bytes:
    """Return fields as a JSON object, with repeated names and with values of LITERALS."""
    ascii_only = random.random() < 0.5
    members = []
    for name, content in fields:
        written = json.dumps(content, ensure_ascii=ascii_only).encode()
        members.append(
            json.dumps(name, ensure_ascii=ascii_only).encode()
            + b":"
            + (random.choice(LITERALS) if random.random() < 0.02 else written)
        )
    return b"{" + b",".join(members) + b"}"


def garble(random: Random, content: bytes) -> bytes:
    """Return a body with some of its bytes changed, removed, repeated or added."""
    garbled = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 5))):
        start = random.randrange(len(garbled) + 1)
        end = min(len(garbled), start + random.choice((1, 1, 2, 16, 1000)))
        match random.randrange(4):
            case 0:
                del garbled[start:end]
            case 1:
                garbled[start:start] = garbled[start:end]
            case 2:
                garbled[start:end] = bytes(random.randrange(256) for _ in range(min(end - start, 8)))
            case _:
                garbled[start:start] = random.choice(
                    (b"\x00", b"\xff", b"\r\n", b"%", b"&", b'"', b"{", b"\\ud8", b"--")
                )
    return bytes(garbled)
