"""List the log messages that trigger alarms.

template.yaml repeats these texts under `LogPatterns` for its metric filters and alarm descriptions.
A test checks that this module and the template agree, and that no other module contains one of the
texts.
"""

ACCOUNT_FIELDS_NOT_IN_FORCE = "An account parameter has fields that are not in force"
ACCOUNT_IGNORED = "An account has only callbacks that report no recording"
ACCOUNT_INVALID = "An account parameter is invalid"
"""`accounts.log_invalid` logs it, with the fields `account` and `fields`."""
ACCOUNT_NOT_RECONCILED = "An account was not reconciled for a day"
ACCOUNT_REFUSED = "Many callbacks of an account are refused"
ACCOUNT_SILENT = "An account is silent"
ATTEMPT_UNNOTED = "A failed attempt could not be noted in the row"
CALLBACK_REFUSED = "A callback was refused"
MESSAGE_CRASHED = "Processing a message raised an unexpected error"
MESSAGE_DEAD_LETTERED = "A message was dead-lettered"
OBJECT_STAYS = "An object stays under incoming/"
RECORDING_EXPIRES_SOON = "A recording expires soon"
RECORDING_FAILED = "A recording failed"
RECORDING_NOT_COMPARED = "A recording could not be compared with Crossbar"
RECORDING_UNEXPLAINED = "A listed recording could not be taken in"
RECORDING_UNANSWERED = "A recording has waited for its provider for days"
ROW_UNREADABLE = "A row cannot be read"
TRANSCRIPT_FAILED = "A transcript failed"
UPLOAD_REFUSED = "An upload was refused"
