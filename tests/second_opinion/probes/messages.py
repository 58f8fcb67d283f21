"""Ask SQS about sending: limits, attributes and groups."""

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, QUEUE, Scene, client, probe, status_of


@probe(ACCEPTED, pages.SQS_LIMITS)
def message_of_1_mib(aws: Scene) -> None:
    aws.send("a" * 1024 * 1024)


@probe("400", pages.SQS_LIMITS)
def message_over_1_mib(aws: Scene) -> str:
    return status_of(lambda: aws.send("a" * (1024 * 1024 + 1)))


@probe("400 InvalidMessageContents", pages.SQS_SEND)
def message_with_u_fffe(aws: Scene) -> None:
    aws.send("a\ufffe")


@probe("400 InvalidMessageContents", pages.SQS_SEND)
def message_with_a_control_character(aws: Scene) -> None:
    aws.send("a\x01")


@probe("a\t\n😀", pages.SQS_SEND)
def message_with_a_tab_and_an_emoji(aws: Scene) -> str:
    aws.send("a\t\n😀")
    return str(aws.receive()[0]["Body"])


@probe("400", pages.SQS_LIMITS)
def empty_message(aws: Scene) -> str:
    return status_of(lambda: aws.send(""))


@probe("400", pages.SQS_ATTRIBUTES)
def message_with_11_attributes(aws: Scene) -> str:
    return _attributes(aws, **{f"a{number}": "1" for number in range(11)})


@probe("400", pages.SQS_ATTRIBUTES)
def attribute_with_an_empty_value(aws: Scene) -> str:
    return _attributes(aws, reason="")


@probe("400", pages.SQS_ATTRIBUTES)
def attribute_whose_name_begins_with_aws(aws: Scene) -> str:
    return _attributes(aws, **{"AWS.reason": "1"})


@probe("400", pages.SQS_ATTRIBUTES)
def attribute_whose_name_has_a_space(aws: Scene) -> str:
    return _attributes(aws, **{"the reason": "1"})


@probe("String gone", pages.SQS_ATTRIBUTES)
def attribute_as_received(aws: Scene) -> str:
    _attributes(aws, reason="gone")
    found = aws.receive(MessageAttributeNames=["All"])[0]["MessageAttributes"]["reason"]
    return f"{found['DataType']} {found['StringValue']}"


@probe("no attributes", pages.SQS_RECEIVE)
def attributes_that_were_not_asked_for(aws: Scene) -> str:
    _attributes(aws, reason="gone")
    return str(aws.receive()[0].get("MessageAttributes", "no attributes"))


@probe("ApproximateFirstReceiveTimestamp ApproximateReceiveCount SenderId SentTimestamp", pages.SQS_RECEIVE)
def system_attributes(aws: Scene) -> str:
    aws.send()
    return " ".join(sorted(aws.receive(MessageSystemAttributeNames=["All"])[0]["Attributes"]))


@probe("g", pages.SQS_RECEIVE)
def group_of_a_standard_queue(aws: Scene) -> str:
    aws.send(MessageGroupId="g")
    received = aws.receive(MessageSystemAttributeNames=["All"])[0]
    return str(received["Attributes"].get("MessageGroupId"))


@probe("400", pages.SQS_SEND)
def group_of_129_characters(aws: Scene) -> str:
    return status_of(lambda: aws.send(MessageGroupId="a" * 129))


@probe("400", pages.SQS_SEND)
def group_with_a_space(aws: Scene) -> str:
    return status_of(lambda: aws.send(MessageGroupId="a b"))


@probe("400", pages.SQS_SEND)
def delay_over_15_minutes(aws: Scene) -> str:
    return status_of(lambda: aws.send(DelaySeconds=901))


@probe("400 AWS.SimpleQueueService.NonExistentQueue", pages.SQS_SEND)
def send_to_a_missing_queue(aws: Scene) -> None:
    client("sqs").send_message(QueueUrl=aws.queue.replace(QUEUE, "missing"), MessageBody="message")


def _attributes(aws: Scene, **values: str) -> str:
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
    return status_of(lambda: aws.send(MessageAttributes=attributes))
