"""Cells that talk to the reference control plane: leases, addresses, recordings, and a server that dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from execute_cells import Bench, open_bench

from harness.model.verdict import Verdict

# Prints the status of an answer, as curl does; curl itself may be missing where the tests run.
GET = f"""exec {sys.executable} -I -c '
import sys
from http.client import HTTPConnection
connection = HTTPConnection(sys.argv[1].removeprefix("http://"))
connection.request("GET", "/control/peers")
print(connection.getresponse().status)
' $1"""
# Ends the servers of the harness, which are the children of the program's parent, and waits until they are dead.
KILL = """
for entry in /proc/[0-9]*; do
  if [ "$(cut -d' ' -f4 $entry/stat 2>/dev/null)" = $PPID ] && tr '\\0' ' ' < $entry/cmdline | grep -q servers.control_plane; then
    kill -9 ${entry#/proc/}
    while [ "$(cut -d' ' -f3 $entry/stat)" != Z ]; do :; done
  fi
done
exit 1"""
PLANE = '[server.plane]\nuse = "control-plane"\ngenerate = { kind = "peers", count = 2, seed = 7 }\n'


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("cells")) as bench:
        yield bench


def test_addresses_read_the_same_in_output_and_expectation(bench: Bench) -> None:
    text = (
        PLANE
        + r"""
        [[step]]
        run = ["${plane.url}/x", "localhost:${plane.port}"]
        stdout.equals = "GET ${plane.url}/x via localhost:${plane.port}\n"
        stderr.equals = "<url:plane>/x\n"
    """
    )
    result = bench.one(text, bench.program('echo "GET $1 via $2"; echo $1 >&2'), tier="integration")
    assert result.verdict is Verdict.PASSED, result


def test_what_the_artifact_asked_for_is_recorded_and_what_the_harness_sent_is_not(bench: Bench) -> None:
    text = (
        PLANE
        + '[[step]]\nrun = ["${plane.url}"]\nstdout.contains = ["200"]\n'
        + '[[step]]\nsend = { server = "plane", method = "GET", path = "/control/peers", status = [200] }\n'
        + '[[step]]\nreceived = { server = "plane", method = "GET", path = "/control/peers", times = 1 }\n'
    )
    result = bench.one(text, bench.program(GET), tier="integration")
    assert result.verdict is Verdict.PASSED, result


def test_every_cell_starts_with_an_empty_recording(bench: Bench) -> None:
    text = PLANE + '[[step]]\nrun = ["${plane.url}"]\nstdout.ignore = "not looked at"\n[[step]]\nreceived = { server = "plane", times = 1 }\n'
    program = bench.program(GET)
    assert [bench.one(text, program, tier="integration").verdict for _ in range(3)] == [Verdict.PASSED] * 3


def test_settings_take_values_of_the_case_with_their_types(bench: Bench) -> None:
    text = (
        '[server.plane]\nuse = "control-plane"\nfaults = ["${case.fault}"]\n'
        + '[[case]]\nid = "busy"\nfault = { on = "GET /control/peers", status = 503 }\ncode = "503"\n'
        + '[[case]]\nid = "odd"\nfault = { on = "GET /control/peers", status = 418 }\ncode = "418"\n'
        + '[[step]]\nrun = ["${plane.url}"]\nstdout.equals = "${case.code}\\n"\n'
    )
    results = bench.run(text, bench.program(GET), tier="integration")
    assert [result.verdict for result in results] == [Verdict.PASSED, Verdict.PASSED], results


def test_a_server_that_dies_makes_the_failure_void(bench: Bench) -> None:
    text = PLANE + '[[step]]\nrun = ["${plane.port}"]\n'
    result = bench.one(text, bench.program(KILL), tier="integration")
    assert result.verdict is Verdict.HARNESS_ERROR, result
    assert result.reason == "H5001 server plane died while the steps ran; what they found is void"
    assert [finding.aspect for finding in result.findings] == ["exit"]
    assert bench.one(PLANE + "[[step]]\nrun = []\n", bench.program("true"), tier="integration").verdict is Verdict.PASSED


def test_settings_that_a_server_refuses_are_no_failure(bench: Bench) -> None:
    text = '[server.plane]\nuse = "control-plane"\ngenerate = { kind = "peers", count = -1, seed = 7 }\n[[step]]\nrun = []\n'
    result = bench.one(text, bench.program("true"), tier="integration")
    assert result.verdict is Verdict.HARNESS_ERROR
    assert "count" in result.reason
