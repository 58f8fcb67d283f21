"""Steps that find out how API Gateway changes a request before a function receives it."""

import base64
import hashlib
import hmac
from urllib.parse import quote

from tools.acceptance import provider
from tools.acceptance.target import FailedError, Target

MEGABYTE = 1_000_000
TOO_LARGE = 413
OK = range(200, 300)


def ask_for_challenge(target: Target) -> str:
    """Send a callback without credentials; return the header name of the 401's challenge."""
    user = {"username": "acceptance", "password": target.token}
    account_id = target.put_account("bandwidth", callback=user)
    status, headers, _ = target.send("POST", f"/callbacks/bandwidth/{account_id}", body=b"{}")
    if status != 401:  # noqa: PLR2004
        raise FailedError(f"a callback without credentials was answered with {status}, not 401")
    names = [name for name, value in headers.items() if name.endswith("www-authenticate") and "Basic" in value]
    if not names:
        raise FailedError("the 401 has no challenge under any name")
    return f"the challenge arrives as {names[0]}"


def send_large_bodies(target: Target) -> str:
    """Upload 5, 7 and 11 MB, which are refused with 413, and 32 KB, which are stored."""
    account_id = target.put_account("kazoo", callback={"token": target.token})
    path = f"/uploads/kazoo/{account_id}/{target.token}/call_recording_{target.run}.wav"
    statuses = {}
    for megabytes in (5, 7, 11):
        body = provider.audio(target.run).ljust(megabytes * MEGABYTE, b"\0")
        statuses[megabytes], _, _ = target.send("PUT", path, {"content-type": "audio/x-wav"}, body)
    if set(statuses.values()) != {TOO_LARGE}:
        raise FailedError(f"bodies of 5, 7 and 11 MB were answered with {statuses}, not with 413 each")
    small, _, _ = target.send("PUT", path, {"content-type": "audio/x-wav"}, provider.audio(target.run))
    if small not in OK:
        raise FailedError(f"a body of 32 KB was answered with {small}")
    return "413 for 5, 7 and 11 MB; 32 KB stored"


def send_raw_paths(target: Target) -> str:
    """Upload to a path of raw UTF-8, which KAZOO sends, and read it back by the same path."""
    account_id = target.put_account("kazoo", callback={"token": target.token})
    path = f"/uploads/kazoo/{account_id}/{target.token}/call_recording_Z\u00fcrich-\u6771\u4eac.wav".encode()
    body = provider.audio(f"{target.run}-raw")
    status, _, _ = target.send("PUT", path, {"content-type": "audio/x-wav"}, body)
    if status not in OK:
        raise FailedError(f"a path of raw UTF-8 was answered with {status}")
    status, _, back = target.send("GET", path)
    if (status, back) != (200, body):
        raise FailedError(f"the read-back was answered with {status} and {len(back)} bytes, not with the audio")
    return "stored and read back"


def ask_by_head(target: Target) -> str:
    """Read a document and a list by HEAD: status, type and length of GET, and no body."""
    account_id = target.put_account("kazoo", callback={"token": target.token})
    compared = {}
    for path in ("/recordings/unknown", "/recordings?page_size=1"):
        status, headers, _ = target.read(account_id, path)
        head_status, head_headers, body = target.read(account_id, path, "HEAD")
        if body:
            raise FailedError(f"HEAD of {path} was answered with {len(body)} bytes")
        for name in ("content-type", "content-length"):
            if (head_status, head_headers.get(name)) != (status, headers.get(name)):
                found = f"{head_status} and {name} {head_headers.get(name)}"
                raise FailedError(f"HEAD of {path} was answered with {found}, GET with {status}, {headers.get(name)}")
        compared[path] = status
    return ", ".join(f"{status} for {path}" for path, status in compared.items())


def send_quoted_queries(target: Target) -> str:
    """Send signed URLs with `'` and with `%27`: the function sees them byte for byte."""
    account_id = target.put_account("twilio", callback={"signing_keys": [target.token]})
    for number, written in enumerate(("it's", "it%27s", "a%20b+c", "%C3%BC")):
        path = f"/callbacks/twilio/{account_id}?tag={written}"
        fields = {
            "AccountSid": account_id,
            "CallSid": "CA" + "0" * 32,
            "RecordingSid": f"RE{number:032x}",
            "RecordingStatus": "absent",
        }
        base = (target.parameters.get("PublicUrl") or target.url).rstrip("/")
        text = base + path + "".join(name + fields[name] for name in sorted(fields))
        signature = base64.b64encode(hmac.digest(target.token.encode(), text.encode(), hashlib.sha1)).decode()
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        body = "&".join(f"{name}={quote(value)}" for name, value in fields.items()).encode()
        status, _, _ = target.send("POST", path, headers, body)
        if status not in OK:
            raise FailedError(f"a signed callback with the query {path.partition('?')[2]} was answered with {status}")
    return "four signed URLs accepted"
