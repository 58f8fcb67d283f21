"""Functions of the local stack: environment, failures, time limits, processes."""

import os
import signal
import threading
import time

import pytest

from tests import worlds
from tests.e2e.local.small_stack import awkward, call
from tools.local.stack import FailedError, Stack


def test_a_function_has_the_environment_of_the_template(local: Stack) -> None:
    answer = local.invoke("Echo", {})

    environment = answer["environment"]
    assert environment["COLOUR"] == "red"
    assert environment["WIDTH"] == "narrow"
    assert environment["API"] == f"{local.url}/x"
    assert environment["QUEUE_URL"] == local.outputs["QueueUrl"]
    assert environment["QUEUE_URL"].startswith(local.aws_url)
    assert environment["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert answer["memory"] == "256"
    assert 0 < answer["remaining"] <= 2000
    assert answer["shared"] == "from the layer"


def test_a_failing_function_is_an_internal_server_error(local: Stack) -> None:
    assert awkward(local, "raise")[:2] == (500, b'{"message":"Internal Server Error"}')
    assert awkward(local, "wrong")[0] == 500
    assert awkward(local, "big")[0] == 500
    assert "on purpose" in local.log_text("Awkward")


def test_a_failed_import_of_a_function_is_in_its_log(local: Stack) -> None:
    assert call(f"{local.url}/broken")[0] == 500
    assert "nowhere" in local.log_text("Broken")
    with pytest.raises(FailedError, match="nowhere"):
        local.invoke("Broken", {})


def test_a_timeout_ends_the_process(local: Stack) -> None:
    before = time.monotonic()
    status, _, _ = awkward(local, "sleep")

    assert status == 500
    assert time.monotonic() - before < 4
    assert "Task timed out after 2.00 seconds" in local.log_text("Awkward")


@pytest.mark.parametrize(("what", "reason"), [("die", "signal: SIGKILL"), ("exit", "exit status 3")])
def test_a_process_that_dies_fails_one_invocation_and_not_the_next(local: Stack, what: str, reason: str) -> None:
    assert awkward(local, what)[0] == 500
    assert awkward(local, "fine")[0] == 200
    assert reason in local.log_text("Awkward")


def test_a_process_killed_while_idle_is_replaced(local: Stack) -> None:
    first = int(awkward(local, "pid")[1])
    for pid in local.processes()["Awkward"]:
        os.kill(pid, signal.SIGKILL)
    worlds.until(lambda: not local.processes()["Awkward"])

    status, body, _ = awkward(local, "pid")

    assert status == 200
    assert int(body) != first


def test_invocations_run_concurrently(local: Stack) -> None:
    def nap() -> None:
        awkward(local, "nap")

    threads = [threading.Thread(target=nap) for _ in range(4)]
    for thread in threads:
        thread.start()
    worlds.until(lambda: len(local.processes()["Awkward"]) > 1)
    for thread in threads:
        thread.join()

    assert 1 < len(local.processes()["Awkward"]) <= 4
