"""Each step fails when the archive or AWS does otherwise than it expects."""

from collections.abc import Callable
from typing import Any

import pytest

from tools.acceptance import __main__ as acceptance
from tools.acceptance import archive_steps, deploy_steps, http_steps, provider
from tools.acceptance.report import Verdict
from tools.acceptance.target import FailedError, SkippedError, Target

type Sent = tuple[int, dict[str, str], bytes]


class Archive(Target):
    """A target whose API gives the same answer to every request, and which has no AWS."""

    answer: Sent = (200, {}, b"")

    def put_account(self, provider: str, **fields: object) -> str:
        """Return an id, and write nothing."""
        del fields
        return f"account-{provider}"

    def send(self, method: str, path: str | bytes, *more: Any, **named: Any) -> Sent:
        """Return the answer."""
        del method, path, more, named
        return self.answer


def archive(answer: Sent, *, local: bool = True) -> Archive:
    made = Archive(
        stack="callvault",
        outputs={"ApiUrl": "https://api.example.com", "BucketName": "bucket"},
        parameters={"DownloadUrlSeconds": "900"},
        local=local,
        provider_url="https://provider.example.com",
        credentials="user:password",
    )
    made.answer = answer
    return made


@pytest.mark.parametrize(
    ("step", "answer", "reason"),
    [
        (http_steps.ask_for_challenge, (403, {}, b""), "answered with 403, not 401"),
        (http_steps.ask_for_challenge, (401, {}, b""), "no challenge under any name"),
        (http_steps.ask_by_head, (200, {}, b"{}"), "answered with 2 bytes"),
        (http_steps.send_large_bodies, (201, {}, b""), "answered with {5: 201, 7: 201, 11: 201}"),
        (http_steps.send_large_bodies, (413, {}, b""), "32 KB was answered with 413"),
        (http_steps.send_raw_paths, (400, {}, b""), "raw UTF-8 was answered with 400"),
        (http_steps.send_raw_paths, (200, {}, b"other"), "not with the audio"),
        (http_steps.send_quoted_queries, (403, {}, b""), "tag=it's was answered with 403"),
        (archive_steps.fetch, (503, {}, b""), "answered with 503, not 204"),
        (archive_steps.read_range, (401, {}, b""), "answered with 401, not 204"),
    ],
)
def test_a_wrong_answer_fails_the_step(step: Callable[[Target], str], answer: Sent, reason: str) -> None:
    with pytest.raises(FailedError) as raised:
        step(archive(answer))
    assert reason in str(raised.value)


@pytest.mark.parametrize("name", ["content-type", "content-length"])
def test_a_head_with_other_headers_than_get_fails_the_step(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(self: Target, method: str, *_: Any) -> Sent:
        return 200, {name: "27" if method == "GET" else "0"}, b""

    monkeypatch.setattr(Archive, "send", send)
    with pytest.raises(FailedError, match=f"200 and {name} 0, GET with 200, 27"):
        http_steps.ask_by_head(archive((200, {}, b"")))


@pytest.mark.parametrize("name", ["x-amzn-remapped-www-authenticate", "www-authenticate"])
def test_the_name_of_the_challenge_is_reported(name: str) -> None:
    assert http_steps.ask_for_challenge(archive((401, {name: 'Basic realm="x"'}, b""))).endswith(name)


@pytest.mark.parametrize("step", [archive_steps.break_off, deploy_steps.deploy_again])
def test_what_needs_aws_is_skipped_on_the_local_stack(step: Callable[[Target], str]) -> None:
    with pytest.raises(SkippedError, match="needs"):
        step(archive((200, {}, b"")))


def test_an_object_that_is_completed_over_fails_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lenient:
        def __getattr__(self, name: str) -> Callable[..., dict[str, str]]:
            return lambda **_: {"UploadId": "u", "ETag": "e"}

    monkeypatch.setattr(Target, "aws", lambda *_: Lenient())
    with pytest.raises(FailedError, match="completed over the object"):
        archive_steps.complete_over_an_object(archive((200, {}, b"")))


def test_a_second_version_of_a_recording_fails_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    recording_id = "run-whole-0"

    class Bucket:
        def list_object_versions(self, **_: Any) -> dict[str, Any]:
            return {"Versions": [{"Key": f"media/a/{recording_id}.wav"}] * 2}

    monkeypatch.setattr(Target, "aws", lambda *_: Bucket())
    monkeypatch.setattr(archive_steps, "presigned", lambda *_: "https://bucket.example.com/x?y")
    monkeypatch.setattr(archive_steps, "_get", lambda *_: (200, {}, provider.audio(recording_id)))
    with pytest.raises(FailedError, match="has 2 versions"):
        archive_steps._check_bytes(archive((200, {}, b"")), "a", recording_id)


def test_a_step_that_fails_or_crashes_is_reported_and_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(target: Target) -> str:
        raise FailedError("the reason")

    def crashes(target: Target) -> str:
        raise KeyError("ApiUrl")

    results = acceptance.run(archive((200, {}, b"")), {"a": fails, "b": crashes, "c": lambda _: "well"})
    assert [one.verdict for one in results] == [Verdict.FAILED, Verdict.FAILED, Verdict.PASSED]
    assert "KeyError" in results[1].detail
    assert "the reason" in capsys.readouterr().out
