"""Write the descriptions of the operations that control a live call, in all dialects."""

SUPPORT = """\
A request that the account's provider cannot carry out is a 422. The message names an alternative, if there is one.

| | start | pause, resume | stop |
|---|---|---|---|
| SignalWire, Twilio | yes | yes | yes |
| Bandwidth | 422 | yes | 422 |
| KAZOO 5 | yes, without parameters | 422 | yes |
| KAZOO 4.3 | 422 | 422 | 422 |"""


def describe(what: str, more: str = "") -> str:
    """Return the summary and the description of an operation that controls a live call."""
    right = " ".join(filter(None, ("For readers with `can_control`.", more)))
    return f"{what}, at the account's provider.\n\n{right} {SUPPORT}"
