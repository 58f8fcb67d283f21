"""Ask SSM, EventBridge and CloudWatch about their limits."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.second_opinion import pages
from tests.second_opinion.scenes import ACCEPTED, Scene, client, probe, status_of

REFUSED = "400 ValidationException"


# ---- SSM -----------------------------------------------------------------------------------------


@probe(ACCEPTED, pages.SSM_TIERS)
def standard_parameter_of_4_kb(_: Scene) -> None:
    _put("a" * 4096)


@probe(REFUSED, pages.SSM_TIERS)
def standard_parameter_over_4_kb(_: Scene) -> None:
    _put("a" * 4097)


@probe(ACCEPTED, pages.SSM_TIERS)
def advanced_parameter_of_8_kb(_: Scene) -> None:
    _put("a" * 8192, Tier="Advanced")


@probe(REFUSED, pages.SSM_TIERS)
def advanced_parameter_over_8_kb(_: Scene) -> None:
    _put("a" * 8193, Tier="Advanced")


@probe("encrypted: True, decrypted: secret", pages.SSM_GET)
def secure_string(_: Scene) -> str:
    _put("secret")
    encrypted = client("ssm").get_parameter(Name="/probed/a")["Parameter"]["Value"]
    decrypted = client("ssm").get_parameter(Name="/probed/a", WithDecryption=True)["Parameter"]["Value"]
    return f"encrypted: {'secret' not in encrypted}, decrypted: {decrypted}"


@probe("400 ParameterNotFound", pages.SSM_GET)
def missing_parameter(_: Scene) -> None:
    client("ssm").get_parameter(Name="/probed/missing")


@probe("400 ParameterAlreadyExists", pages.SSM_PUT)
def parameter_that_exists(_: Scene) -> None:
    _put("a")
    _put("b")


@probe("400 HierarchyTypeMismatchException", pages.SSM_PUT)
def parameter_that_becomes_another_type(_: Scene) -> None:
    _put("a")
    _put("a", Type="String", Overwrite=True)


@probe(REFUSED, pages.SSM_BY_PATH)
def path_with_pages_of_11(_: Scene) -> None:
    client("ssm").get_parameters_by_path(Path="/probed", MaxResults=11)


@probe("10, then 2", pages.SSM_BY_PATH)
def path_with_12_parameters(_: Scene) -> str:
    for number in range(12):
        _put("a", f"/probed/{number}")
    first = client("ssm").get_parameters_by_path(Path="/probed")
    token = {"NextToken": first["NextToken"]} if "NextToken" in first else {}
    second = client("ssm").get_parameters_by_path(Path="/probed", **token)
    return f"{len(first['Parameters'])}, then {len(second['Parameters'])}"


@probe("/probed/a", pages.SSM_BY_PATH)
def path_without_recursion(_: Scene) -> str:
    for name in ("/probed/a", "/probed/b/c", "/probed-too/a"):
        _put("a", name)
    found = client("ssm").get_parameters_by_path(Path="/probed")["Parameters"]
    return " ".join(one["Name"] for one in found)


# ---- EventBridge ---------------------------------------------------------------------------------


@probe(ACCEPTED, pages.EVENTS_PUT)
def event_of_300_kb(_: Scene) -> None:
    _event(Detail='{"a": "' + "a" * 300 * 1024 + '"}')


@probe("400", pages.EVENTS_PUT)
def event_over_1_mb(_: Scene) -> str:
    return status_of(lambda: _event(Detail='{"a": "' + "a" * 1024 * 1024 + '"}'))


@probe("400", pages.EVENTS_PUT)
def eleven_events(_: Scene) -> str:
    return status_of(lambda: client("events").put_events(Entries=[_entry()] * 11))


@probe("1 failed: None MalformedDetail", pages.EVENTS_ENTRY)
def event_whose_detail_is_not_json(_: Scene) -> str:
    answer = client("events").put_events(Entries=[_entry(), _entry(Detail="{")])
    return f"{answer['FailedEntryCount']} failed: {' '.join(str(one.get('ErrorCode')) for one in answer['Entries'])}"


@probe("InvalidArgument", pages.EVENTS_ENTRY)
def event_without_a_source(_: Scene) -> str:
    return _event(Source=None)


@probe("NotAuthorizedForSourceException", pages.EVENTS_ENTRY)
def event_whose_source_begins_with_aws(_: Scene) -> str:
    return _event(Source="aws.s3")


@probe(ACCEPTED, pages.EVENTS_MISSING_BUS)
def event_to_a_missing_bus(_: Scene) -> str:
    return _event(EventBusName="missing")


# ---- CloudWatch ----------------------------------------------------------------------------------


@probe(ACCEPTED, pages.METRICS_PUT)
def metric_with_30_dimensions(_: Scene) -> None:
    _metric(Dimensions=_dimensions(30))


@probe("400", pages.METRICS_DATUM)
def metric_with_31_dimensions(_: Scene) -> str:
    return status_of(lambda: _metric(Dimensions=_dimensions(31)))


@probe("400", pages.METRICS_PUT)
def metric_with_151_values(_: Scene) -> str:
    values = [float(number) for number in range(151)]
    return status_of(lambda: _metric(Value=None, Values=values, Counts=[1.0] * 151))


@probe("400", pages.METRICS_DATUM)
def metric_with_more_values_than_counts(_: Scene) -> str:
    return status_of(lambda: _metric(Value=None, Values=[1.0, 2.0], Counts=[1.0]))


@probe("400", pages.METRICS_PUT)
def metric_that_is_not_a_number(_: Scene) -> str:
    return status_of(lambda: _metric(Value=float("nan")))


@probe("400", pages.METRICS_PUT)
def metric_of_three_weeks_ago(_: Scene) -> str:
    return status_of(lambda: _metric(Timestamp=datetime.now(UTC) - timedelta(weeks=3)))


@probe("400", pages.METRICS_PUT)
def metrics_over_1000(_: Scene) -> str:
    data = [{"MetricName": f"m{number}", "Value": 1.0} for number in range(1001)]
    return status_of(lambda: client("cloudwatch").put_metric_data(Namespace="Probed", MetricData=data))


@probe("400", pages.METRICS_DATUM)
def metric_whose_name_has_256_characters(_: Scene) -> str:
    return status_of(lambda: _metric(MetricName="a" * 256))


def _put(value: str, name: str = "/probed/a", **options: Any) -> None:
    client("ssm").put_parameter(Name=name, Value=value, **{"Type": "SecureString"} | options)


def _entry(**changes: Any) -> dict[str, Any]:
    entry = {"Source": "probed", "DetailType": "Probed", "Detail": "{}"} | changes
    return {name: value for name, value in entry.items() if value is not None}


def _event(**changes: Any) -> str:
    return str(client("events").put_events(Entries=[_entry(**changes)])["Entries"][0].get("ErrorCode", ACCEPTED))


def _metric(**changes: Any) -> None:
    datum = {"MetricName": "m", "Value": 1.0} | changes
    given = {name: value for name, value in datum.items() if value is not None}
    client("cloudwatch").put_metric_data(Namespace="Probed", MetricData=[given])


def _dimensions(count: int) -> list[dict[str, str]]:
    return [{"Name": f"d{number}", "Value": "1"} for number in range(count)]
