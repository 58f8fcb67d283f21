"""List the protections in the code, each with the test that fails without it.

The file is long because it is one list of data. It is not split, so that one search for a module or
a test finds every line that quotes it.
"""

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
        "if _hide(record, queue, seconds)",
        "if print(record, queue, seconds)",
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
        "ingest/bodies.py",
        "return audio.check(audio.head(first))",
        'return "audio/x-wav"',
        "integration/test_fetch_audio.py::test_an_error_page_with_200_is_not_audio",
    ),
    Protection(
        "a body without length is compared with the announced duration",
        "ingest/bodies.py",
        "(not is_delimited and short)",
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
        "the credentials in a signed URL cannot name another host",
        "providers/laml/signed_urls.py",
        "if all(map(USERINFO.fullmatch, pair))",
        "if True",
        "unit/providers/laml/test_signed_urls.py::test_credentials_cannot_make_the_signature_of_another_host_valid",
    ),
    Protection(
        "another spelling of a signed query has the same values",
        "providers/laml/signed_urls.py",
        "letter.isascii() else letter for letter in text",
        "letter in {' '} else letter for letter in text",
        "unit/providers/laml/test_signed_urls.py::test_every_spelling_means_what_was_sent",
    ),
    Protection(
        "the signatures that one callback costs are bounded",
        "providers/laml/signatures.py",
        "if place > 0 and size < 0:",
        "if False:",
        "unit/providers/laml/test_signed_urls.py::test_the_bytes_that_are_signed_are_bounded",
    ),
    Protection(
        "a forwarded callback is not accepted as the provider's own",
        "ingest/callbacks.py",
        "if forwarding.FORWARDED in request.headers:",
        "if False:",
        "integration/test_signed_callbacks.py::test_a_callback_that_the_archive_forwarded_is_refused",
    ),
    Protection(
        "no update replaces the owner of a recording",
        "storage/table.py",
        "    if known.owner_id is None:\n        return merged\n",
        "    if known:\n        return merged\n",
        "unit/storage/test_table.py::test_no_update_replaces_a_known_owner",
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
        "principal.reader.user_id in {None, recording.owner_id}",
        "True",
        "unit/dialects/test_dialects.py::test_every_route_keeps_other_users_recordings_from_a_limited_reader",
    ),
    Protection(
        "a page token is valid for its own list only",
        "readers/page_tokens.py",
        "if size > MAX_SORT_KEY_BYTES or digest != _digest(place, scope) or not PLACE.fullmatch(place):",
        "if size > MAX_SORT_KEY_BYTES or not PLACE.fullmatch(place):",
        "unit/readers/test_page_tokens.py::test_a_token_is_valid_for_its_own_list_only",
    ),
    Protection(
        "a body over the limit is not decoded",
        "web.py",
        '    if size > max_bytes:\n        return b"", size\n',
        "",
        "unit/security/test_cost.py::test_a_body_of_six_megabytes_is_refused_unread",
    ),
    Protection(
        "credentials before the body",
        "dialects/bandwidth/oauth.py",
        "form = _read(request) if basic is None else {}",
        "form = _read(request)",
        "unit/security/test_cost.py::test_credentials_in_a_header_are_checked_before_the_body_is_read",
    ),
    Protection(
        "no jsonp and no verb with Basic",
        "dialects/kazoo/requests.py",
        '.lower().startswith("basic")',
        '.lower().startswith("never")',
        "unit/dialects/kazoo/test_authentication.py::test_what_another_site_could_make_a_browser_send_is_refused_with_basic",
    ),
    Protection(
        "page tokens without foreign ids",
        "readers/pages.py",
        "return found, _moment(recording, ascending=query.ascending)",
        "return found, str(recording.listed_at)",
        "unit/readers/test_pages.py::test_no_page_token_holds_the_id_of_a_recording_that_the_reader_may_not_see",
    ),
    Protection(
        "only data of a signed webhook is believed",
        "providers/kazoo/provider.py",
        " if self.account.callback.hmac_key is None else webhooks.read_signed(request)",
        "",
        "unit/providers/kazoo/test_provider.py::test_of_a_signed_webhook_only_what_is_signed_is_believed",
    ),
    Protection(
        "a signed webhook is JSON",
        "providers/kazoo/webhooks.py",
        '{} if request.method == "GET" or not is_json(request) else json_object_or_empty(request.body)',
        "_payload(request)",
        "unit/providers/kazoo/test_provider.py::test_a_signed_part_of_a_body_vouches_for_no_other_fields",
    ),
    Protection(
        "a signature of KAZOO ends",
        "providers/kazoo/webhooks.py",
        "abs(arrived - seconds) > MAX_AGE.total_seconds()",
        "False",
        "unit/providers/kazoo/test_provider.py::test_a_signature_is_accepted_for_a_day",
    ),
    Protection(
        "the upload token alone opens the uploads",
        "ingest/kazoo_uploads.py",
        '    account = account.model_copy(update={"callback": account.callback.for_uploads()})\n',
        "",
        "integration/test_receive_upload.py::test_with_an_upload_token_only_that_opens_the_uploads",
    ),
    Protection(
        "a read-back only of what was pushed",
        "ingest/pushes.py",
        "return recording.upload_sha256 == recording.media.sha256",
        "return True",
        "integration/test_receive_upload.py::test_a_push_does_not_open_what_came_another_way",
    ),
    Protection(
        "a push is compared with Crossbar's audio",
        "ingest/intake.py",
        "            kazoo_comparison.compare(row, deadline)",
        "            pass",
        "integration/test_kazoo_comparison.py::test_forged_audio_does_not_take_the_place_of_what_crossbar_serves",
    ),
    Protection(
        "what came by the key of KAZOO's S3 handler is compared too",
        "ingest/kazoo_comparison.py",
        "(pushes.is_pushed(row) or pushes.is_incoming(row))",
        "pushes.is_pushed(row)",
        "integration/test_kazoo_comparison.py::test_forged_audio_does_not_take_the_place_of_what_crossbar_serves",
    ),
    Protection(
        "garbage fails no recording",
        "ingest/kazoo_incoming.py",
        "                _give_up(account, recording, error)",
        "                intake.fail(recording, error)",
        "integration/test_incoming.py::test_garbage_fails_no_recording_that_another_way_still_fetches",
    ),
    Protection(
        "an impossible start is not the time in lists",
        "storage/table.py",
        "update.start_time and notes.is_plausible(update.start_time)",
        "update.start_time",
        "unit/storage/test_notes.py::test_an_impossible_start_is_listed_when_it_was_first_heard_of",
    ),
]
