"""The answers in which moto or ministack is known to differ from AWS.

A case is the name of a probe. The probe has the answer of AWS, and the page that says so. Where no
line names a case, both answer as AWS does. `make second-opinion` asks both again, and `make test`
asks moto, so a new difference fails a test, and so does a difference that has vanished.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """The answers to one probe."""

    moto: str
    ministack: str
    right: str
    """Who answers as AWS does: `moto`, `ministack` or `neither`."""


DIFFERENCES = {
    # S3, objects
    "put_with_a_wrong_sha256": Difference("accepted", "400 BadDigest", right="ministack"),
    "put_with_a_wrong_crc32": Difference("accepted", "400 BadDigest", right="ministack"),
    "put_with_a_wrong_md5": Difference("accepted", "400 BadDigest", right="ministack"),
    "put_with_an_md5_of_five_bytes": Difference("accepted", "400 InvalidDigest", right="ministack"),
    "checksum_of_an_object": Difference(
        "hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII= None",
        "hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII= FULL_OBJECT",
        right="ministack",
    ),
    "checksum_of_an_object_that_was_sent_without_one": Difference("", "", right="neither"),
    "key_of_1025_bytes": Difference("accepted", "accepted", right="neither"),
    "metadata_over_2_kb": Difference("accepted", "accepted", right="neither"),
    "tag_of_257_characters": Difference("400 InvalidTag", "accepted", right="moto"),
    # S3, versions
    "get_of_a_current_delete_marker": Difference(
        "404 NoSuchKey marker None", "404 NoSuchKey marker true", right="ministack"
    ),
    "get_of_a_delete_marker_by_version": Difference(
        "404 NoSuchVersion marker None", "405 MethodNotAllowed marker true", right="ministack"
    ),
    "tags_of_a_delete_marker_by_version": Difference("404 NoSuchVersion", "404 NoSuchKey", right="neither"),
    "get_of_an_invalid_version": Difference("404 NoSuchVersion", "404 NoSuchVersion", right="neither"),
    "delete_of_a_delete_marker": Difference(
        "marker None, this one: True", "marker True, this one: True", right="ministack"
    ),
    "list_of_versions_after_a_version_without_its_key": Difference("accepted", "accepted", right="neither"),
    # S3, multipart uploads
    "composite_checksum_of_two_parts": Difference(
        "None None", "NcZ7ltlw7CMpTNONWs4TTYXwY8i2dq6bSERmZEmiN+U=-2 COMPOSITE", right="ministack"
    ),
    "composite_checksum_by_head": Difference(
        "NcZ7ltlw7CMpTNONWs4TTYXwY8i2dq6bSERmZEmiN+U= COMPOSITE",
        "NcZ7ltlw7CMpTNONWs4TTYXwY8i2dq6bSERmZEmiN+U=-2 COMPOSITE",
        right="ministack",
    ),
    "full_object_checksum_of_two_parts": Difference("None None", "26W6eQ==-2 COMPOSITE", right="neither"),
    "full_object_sha256": Difference("accepted", "accepted", right="neither"),
    "part_with_a_wrong_sha256": Difference("accepted", "400 BadDigest", right="ministack"),
    "complete_with_the_wrong_sha256_of_a_part": Difference("accepted", "400 InvalidPart", right="ministack"),
    "complete_with_a_wrong_sha256_of_the_object": Difference("accepted", "400 BadDigest", right="ministack"),
    "complete_with_another_type_of_checksum": Difference("accepted", "accepted", right="neither"),
    "complete_with_a_wrong_size": Difference("accepted", "400 InvalidRequest", right="ministack"),
    "complete_with_parts_out_of_order": Difference("400 EntityTooSmall", "accepted", right="neither"),
    "complete_with_a_small_first_part": Difference("400 EntityTooSmall", "accepted", right="moto"),
    "complete_without_parts": Difference("400 MalformedXML", "accepted", right="moto"),
    "complete_if_match_over_another_object": Difference("accepted", "412 PreconditionFailed", right="ministack"),
    "complete_if_match_without_an_object": Difference("accepted", "404 NoSuchKey", right="ministack"),
    "part_number_0": Difference("404 NoSuchUpload", "400 InvalidArgument", right="ministack"),
    "part_after_an_abort": Difference("raised KeyError", "404 NoSuchUpload", right="ministack"),
    "complete_after_an_abort": Difference("raised KeyError", "404 NoSuchUpload", right="ministack"),
    "list_of_uploads_in_pages_of_two": Difference("3 False, then 3 False", "2 True, then 1 False", right="ministack"),
    # S3, presigned downloads
    "presigned_get_with_another_key": Difference("200", "403", right="ministack"),
    "presigned_get_with_a_changed_header_of_the_answer": Difference("200", "403", right="ministack"),
    "presigned_get_with_another_method": Difference("204", "403", right="ministack"),
    "presigned_get_that_has_expired": Difference("200", "403", right="ministack"),
    "presigned_get_with_an_authorization_header": Difference("200", "200", right="neither"),
    # DynamoDB, items
    "partition_key_of_an_index_of_2049_bytes": Difference("400 ValidationException", "accepted", right="moto"),
    "sort_key_of_an_index_of_1025_bytes": Difference("400 ValidationException", "accepted", right="moto"),
    "number_as_the_key_of_an_index": Difference("accepted", "400 ValidationException", right="ministack"),
    "value_nested_34_deep": Difference("accepted", "400 ValidationException", right="ministack"),
    "number_of_39_digits": Difference("accepted", "400 ValidationException", right="ministack"),
    "value_that_no_expression_uses": Difference("accepted", "400 ValidationException", right="ministack"),
    "expression_with_a_value_that_is_not_given": Difference(
        "raised KeyError", "400 ValidationException", right="ministack"
    ),
    "transaction_with_the_token_of_another": Difference(
        "accepted", "400 IdempotentParameterMismatchException", right="ministack"
    ),
    # DynamoDB, queries
    "page_whose_limit_is_the_number_of_items": Difference("3 items, no key", "3 items, a key", right="ministack"),
    "start_key_without_the_key_of_the_table": Difference(
        "raised TypeError", "400 ValidationException", right="ministack"
    ),
    "start_key_of_another_partition": Difference("accepted", "400 ValidationException", right="ministack"),
    "limit_of_0": Difference("accepted", "400 ValidationException", right="ministack"),
    "between_with_the_bounds_reversed": Difference("accepted", "400 ValidationException", right="ministack"),
    # SQS, messages
    "message_with_u_fffe": Difference("accepted", "400 InvalidMessageContents", right="ministack"),
    "message_with_a_control_character": Difference("accepted", "400 InvalidMessageContents", right="ministack"),
    "empty_message": Difference("accepted", "400", right="ministack"),
    "message_with_11_attributes": Difference("accepted", "accepted", right="neither"),
    "attribute_with_an_empty_value": Difference("accepted", "accepted", right="neither"),
    "attribute_whose_name_begins_with_aws": Difference("accepted", "accepted", right="neither"),
    "attribute_whose_name_has_a_space": Difference("400", "accepted", right="moto"),
    "group_of_129_characters": Difference("accepted", "accepted", right="neither"),
    "group_with_a_space": Difference("accepted", "accepted", right="neither"),
    "delay_over_15_minutes": Difference("400", "accepted", right="moto"),
    "long_poll_of_21_seconds": Difference("400", "accepted", right="moto"),
    "visibility_of_a_message_that_is_not_in_flight": Difference("accepted", "accepted", right="neither"),
    "visibility_over_12_hours": Difference("400", "accepted", right="moto"),
    "delete_with_an_old_receipt_handle": Difference("accepted", "400 ReceiptHandleIsInvalid", right="moto"),
    # SQS, batches
    "batch_with_one_entry_that_is_invalid": Difference(
        "sent a, failed b by the sender", "sent a b, failed  by the sender", right="moto"
    ),
    "message_after_its_last_receive": Difference(
        "0 left, 1 dead letter of None", "0 left, 1 dead letter of the queue", right="ministack"
    ),
    # SSM, EventBridge, CloudWatch
    "standard_parameter_over_4_kb": Difference("accepted", "accepted", right="neither"),
    "advanced_parameter_over_8_kb": Difference("accepted", "accepted", right="neither"),
    "secure_string": Difference(
        "encrypted: False, decrypted: secret", "encrypted: True, decrypted: secret", right="ministack"
    ),
    "parameter_that_becomes_another_type": Difference("accepted", "accepted", right="neither"),
    "path_with_pages_of_11": Difference("400 ValidationException", "accepted", right="moto"),
    "event_over_1_mb": Difference("accepted", "accepted", right="neither"),
    "event_whose_detail_is_not_json": Difference("1 failed: None MalformedDetail", "0 failed: None None", right="moto"),
    "event_without_a_source": Difference("InvalidArgument", "accepted", right="moto"),
    "event_whose_source_begins_with_aws": Difference("accepted", "NotAuthorizedForSourceException", right="ministack"),
    "event_to_a_missing_bus": Difference("400 ResourceNotFoundException", "accepted", right="ministack"),
    "metric_with_31_dimensions": Difference("accepted", "accepted", right="neither"),
    "metric_with_151_values": Difference("accepted", "accepted", right="neither"),
    "metric_with_more_values_than_counts": Difference("400", "accepted", right="moto"),
    "metric_that_is_not_a_number": Difference("400", "accepted", right="moto"),
    "metric_of_three_weeks_ago": Difference("accepted", "accepted", right="neither"),
    "metrics_over_1000": Difference("accepted", "accepted", right="neither"),
    "metric_whose_name_has_256_characters": Difference("accepted", "accepted", right="neither"),
}
