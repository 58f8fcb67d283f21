"""List the protections in the code, each with the test that fails without it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Protection:
    """A protection: module, code, the code that replaces it, and the test that fails without it."""

    name: str
    module: str
    code: str
    without: str
    test: str


PROTECTIONS = [
    Protection(
        "conditional write of a row",
        "storage/table.py",
        'ReturnValuesOnConditionCheckFailure="ALL_OLD",\n                **condition,',
        'ReturnValuesOnConditionCheckFailure="ALL_OLD",',
        "unit/storage/test_table.py::test_a_stale_writer_loses_nothing",
    ),
    Protection(
        "a row moves to a higher rank only",
        "storage/table.py",
        "further = update.rank > known.rank or backward",
        "further = True",
        "unit/storage/test_table.py::test_a_late_callback_never_moves_a_row_back",
    ),
    Protection(
        "If-None-Match on an object of one part",
        "storage/bucket.py",
        "| checksums | condition",
        "| checksums",
        "integration/test_fetch_objects.py::test_another_object_under_the_key_is_not_overwritten",
    ),
    Protection(
        "If-None-Match on a multipart upload",
        "storage/multipart_uploads.py",
        "arguments: Any = self.target | condition",
        "arguments: Any = self.target",
        "integration/test_fetch_objects.py::test_an_existing_long_copy_whose_row_was_not_written_is_recognised",
    ),
    Protection(
        "back-off by visibility",
        "messaging/attempts.py",
        "    _hide(record, queue, gap(",
        "    print(record, queue, gap(",
        "integration/test_fetch_media.py::test_a_failed_attempt_hides_its_message_by_its_count",
    ),
    Protection(
        "back-off grows",
        "messaging/attempts.py",
        "GAPS[min(attempt, len(GAPS)) - 1]",
        "GAPS[0]",
        "unit/messaging/test_attempts.py::test_the_gaps_grow_and_have_jitter",
    ),
    Protection(
        "a message that no attempt can process is dead-lettered with its reason",
        "messaging/attempts.py",
        "        if not (hopeless and _dead_letter(record, queue, error)):",
        "        if hopeless or error:",
        "integration/test_fetch_media.py::test_a_message_that_crashes_in_its_last_attempt_is_dead_lettered",
    ),
    Protection(
        "an attempt that was overtaken stores nothing",
        "ingest/intake.py",
        "    if row.state is not State.PENDING:  # fetched before, or by another attempt in the meantime",
        "    if False:",
        "integration/test_fetch_objects.py::test_an_attempt_that_another_overtakes_during_its_request_stores_nothing",
    ),
    Protection(
        "a callback that was not recorded is not acknowledged",
        "ingest/intake.py",
        "        if recording.state is not State.PENDING:\n            raise\n",
        "        if recording.state is not State.PENDING:\n            return recording\n",
        "integration/test_ingest_callback.py::test_an_announcement_without_the_table_is_not_acknowledged",
    ),
    Protection(
        "without the table the queue holds a recording",
        "ingest/intake.py",
        "        fetch_requests.send(recording)\n        return recording",
        "        return recording",
        "integration/test_ingest_callback.py::test_without_the_table_the_queue_holds_the_recording",
    ),
    Protection(
        "the hash is compared when an object is read back",
        "ingest/verification.py",
        "if found.media.sha256 != sha256:",
        "if False:",
        "integration/test_verify_media.py::test_a_corrupt_object_fails_and_is_published",
    ),
    Protection(
        "a 200 response is not proof of audio",
        "ingest/media.py",
        "return audio.check(first[: audio.HEAD_BYTES])",
        'return "audio/x-wav"',
        "integration/test_fetch_audio.py::test_an_error_page_with_200_is_not_audio",
    ),
    Protection(
        "a body without length is compared with the announced duration",
        "ingest/media.py",
        "(not stream.is_delimited and audio.too_short(recording, measured))",
        "False",
        "integration/test_fetch_audio.py::test_a_body_without_length_shorter_than_the_announced_duration_is_not_stored",
    ),
    Protection(
        "a broken upload is aborted",
        "storage/multipart_uploads.py",
        "            begun_upload.abort()\n        raise",
        "            pass\n        raise",
        "integration/test_fetch_audio.py::test_an_incomplete_long_body_leaves_no_upload",
    ),
    Protection(
        "credentials go to the account's own origin only",
        "transport/redirects.py",
        "trusted = origin == source.origin",
        "trusted = True",
        "integration/test_fetch_media.py::test_a_redirect_to_a_listed_origin_gets_no_credentials",
    ),
    Protection(
        "a redirect leads to public addresses only",
        "transport/ssrf.py",
        "if not addresses or not all(map(is_public, addresses)):",
        "if not addresses:",
        "unit/transport/test_redirects.py",
    ),
    Protection(
        "an account without callback credentials accepts nothing",
        "providers/callback_secrets.py",
        "if account.callback.token is None and account.callback.password is None:",
        "if False:",
        "integration/test_ingest_callback.py::test_an_account_without_callback_credentials_accepts_nothing",
    ),
    Protection(
        "a parked callback is authenticated",
        "ingest/callbacks.py",
        "    provider.authenticate(request)\n",
        "",
        "integration/test_ingest_parked.py::test_a_refused_callback_is_tried_for_a_day_and_each_refusal_is_counted",
    ),
    Protection(
        "the number of parked callbacks is bounded",
        "ingest/parking.py",
        "    _check_bounds(parked.account_id, exists=isinstance(error, ConfigurationError))\n",
        "",
        "integration/test_parking.py::test_an_account_parks_a_limited_number_in_an_hour",
    ),
    Protection(
        "a stale account authenticates readers for a limited time",
        "accounts.py",
        "get(account_id, max_age=settings.get().account_cache_seconds + MAX_STALE_SECONDS)",
        "get(account_id)",
        "unit/test_accounts.py::test_a_reader_is_authenticated_by_a_stale_account_for_five_minutes_at_most",
    ),
    Protection(
        "a callback must be signed",
        "providers/laml/signalwire.py",
        "return scheme is not None and signatures.verify(scheme, signature, keys, request)",
        "return scheme is not None",
        "integration/test_signed_callbacks.py::test_a_changed_callback_is_refused",
    ),
    Protection(
        "a reader reads only the reader's own account",
        "readers/access.py",
        "if account_id != principal.account.account_id or principal.reader.user_id not in {",
        "if principal.reader.user_id not in {",
        "unit/dialects/test_dialects.py::test_every_route_refuses_a_reader_of_another_account",
    ),
    Protection(
        "a reader limited to a user sees only that user's recordings",
        "readers/access.py",
        "return principal.reader.user_id in {None, recording.owner_id}",
        "return True",
        "unit/dialects/test_dialects.py::test_every_route_keeps_other_users_recordings_from_a_limited_reader",
    ),
    Protection(
        "a page token is valid for its own list only",
        "readers/page_tokens.py",
        "if digest != _digest(place, scope) or not PLACE.fullmatch(place):",
        "if not PLACE.fullmatch(place):",
        "unit/readers/test_page_tokens.py::test_a_token_is_valid_for_its_own_list_only",
    ),
]
