"""Servers with per = "file": made once for the cells that follow one another, read by all of them, and the same for each whatever another one did."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from execute_cells import Bench, open_bench
from plugin_project import project

from harness.faults import ServerFault
from harness.model.scenario import Life
from harness.model.verdict import Verdict
from harness.servers.client import ServerRefused
from harness.servers.pool import ServerPool
from harness.tests.control_plane_support import ask, await_state, drain, sent, state_of

__all__ = ["project"]

SHARE = ("integration/toy", "plane")
PEERS = {"generate": {"kind": "peers", "count": 2, "seed": 7}}
EARLY, LATE = {**PEERS, "clock": "2025-01-02T03:04:05Z"}, {**PEERS, "clock": "2026-01-02T03:04:05Z"}
ASK = f"""exec {sys.executable} -I -c '
import sys
from http.client import HTTPConnection
url, *orders = sys.argv[1:]
for order in orders:
    method, path = order.split(":")
    connection = HTTPConnection(url.removeprefix("http://"))
    connection.request(method, path, b"{{}}" if method == "POST" else None, {{"content-type": "application/json"}})
    print(connection.getresponse().status)
' "$@" """
"""A program that sends the requests of its arguments, and prints the status of each answer."""
PLANE = '[server.plane]\nuse = "control-plane"\nclock = "2025-01-02T03:04:05Z"\nper = "file"\n'
READ, DRAIN, RESUME = "GET:/control/upgrade", "POST:/control/upgrade/drain", "POST:/control/upgrade/resume"


def case(name: str, *orders: str, status: int = 200, faults: str = "[]") -> str:
    listed = ", ".join(f'"{order}"' for order in orders)
    prints = f"{status}\\n" * len(orders)
    return f'[[case]]\nid = "{name}"\norders = [{listed}]\nprints = "{prints}"\nfaults = {faults}\n'


STEP = '[[step]]\nid = "ask"\nrun = ["${plane.url}", "${*case.orders}"]\nstdout.equals = "${case.prints}"\n'
STATE = '[[step]]\nid = "state"\nrun = ["${plane.url}", "GET:/control/upgrade"]\nstdout.contains = "200"\n'


@pytest.fixture
def pool() -> Iterator[ServerPool]:
    lent = ServerPool()
    yield lent
    lent.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("cells")) as bench:
        yield bench


def peers(url: str) -> Any:
    return ask(url, "GET", "/control/peers").json


def last_seen(url: str) -> object:
    """When the first of the made-up peers was seen, which is some time before the moment at which it was made up."""
    return peers(url)["peers"][0]["lastSeen"]


def test_what_leases_share_is_made_once(pool: ServerPool) -> None:
    with pool.lease("control-plane", EARLY, SHARE) as first:
        made = last_seen(first.url)
        assert ask(first.url, "GET", "/healthz").status == 200
    with pool.lease("control-plane", {**LATE, "faults": [{"on": "GET /healthz", "nth": 1, "status": 503}], "enums": "numbers"}, SHARE) as second:
        # The clock is that of the lease, the peers are those that were made before; a world of its own would have others.
        assert second is first and last_seen(second.url) == made
        assert peers(second.url)["generatedAt"].startswith("2026")
        assert state_of(second.url)["state"] == 0
        assert [ask(second.url, "GET", "/healthz").status for _ in range(2)] == [503, 200]
        assert len(second.requests()) == 5
    with pool.lease("control-plane", EARLY, SHARE) as third:
        assert third.requests() == [] and third.changes() == ()
        assert (ask(third.url, "GET", "/healthz").status, state_of(third.url)["state"]) == (200, "Active")
    with pool.lease("control-plane", LATE, ("integration/other", "plane")) as other:
        assert other is not first and last_seen(other.url) != made


def test_only_what_changes_something_is_a_change_and_it_is_undone(pool: ServerPool) -> None:
    with pool.lease("control-plane", EARLY, SHARE) as first:
        made = last_seen(first.url)
        assert ask(first.url, "POST", "/control/upgrade/resume").status == 200
        assert first.changes() == ()  # it was in service already
        drain(first.url)
        assert ask(first.url, "POST", "/control/upgrade/drain").status == 500  # a body that cannot be bound
        ask(first.url, "POST", "/control/upgrade/resume")
        assert [(change.number, change.method, change.target, change.marked) for change in first.changes()] == [
            (3, "POST", "/control/upgrade/drain", False),
            (5, "POST", "/control/upgrade/resume", False),
        ]
        assert [exchange.changed for exchange in first.traffic()] == [False, False, True, False, True]
        drain(first.url)
    with pool.lease("control-plane", LATE, SHARE) as second:
        assert second is first and state_of(second.url)["state"] == "Active"
        assert last_seen(second.url) == made  # made anew from the same order, clock included


def test_a_drain_that_is_under_way_reaches_no_other_lease(pool: ServerPool) -> None:
    data = {"upgrade": {"participants": [{"name": "slow", "drain": "1h", "onDisconnect": "finish"}]}}
    settings = {"data": data, "clock": "2025-01-02T03:04:05Z"}
    order = b"POST /control/upgrade/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    with pool.lease("control-plane", settings, SHARE) as first:
        url = first.url
    with sent(url, order) as connection:
        await_state(url, "Draining")
        with pool.lease("control-plane", settings, SHARE) as second:
            # The request is dropped, and its drain with it: nothing is left that could go on.
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""
            assert second is first and state_of(second.url)["state"] == "Active" and second.changes() == ()


def test_a_shared_server_that_died_is_replaced(pool: ServerPool) -> None:
    with pool.lease("control-plane", EARLY, SHARE) as first:
        os.kill(first.pid, signal.SIGKILL)
        with pytest.raises(ServerFault):
            first.changes()
    with pool.lease("control-plane", EARLY, SHARE) as second:
        assert second.pid != first.pid and last_seen(second.url)
    os.kill(second.pid, signal.SIGKILL)
    pool.end_shared()
    with pool.lease("control-plane", EARLY, SHARE) as third:
        assert third.pid != second.pid and last_seen(third.url)


def test_a_refused_setting_leaves_the_share_as_it_is(pool: ServerPool) -> None:
    with pool.lease("control-plane", EARLY, SHARE) as first:
        made = last_seen(first.url)
    with pytest.raises(ServerRefused, match=r"^again: \$\.faults: "), pool.lease("control-plane", {**LATE, "faults": 1}, SHARE):
        pass
    with pool.lease("control-plane", LATE, SHARE) as second:
        assert second is first and last_seen(second.url) == made


def test_the_end_of_a_share_drops_its_data_and_keeps_the_process(pool: ServerPool) -> None:
    with pool.lease("control-plane", EARLY, SHARE) as first:
        pass
    with pool.lease("control-plane", {}) as alone:
        assert alone is not first
    pool.end_shared()
    assert peers(first.url)["peers"] == []
    with pool.lease("control-plane", LATE, SHARE) as second:
        assert second is first and str(last_seen(second.url)).startswith("2026")


def test_cells_that_only_read_share_and_a_writer_is_found(bench: Bench) -> None:
    text = PLANE + case("first", READ) + case("writer", READ, DRAIN) + case("nothing-to-do", RESUME) + case("last", READ) + STEP + STATE
    scenario = bench.scenario(text, "integration")
    assert [server.per for server in scenario.servers] == [Life.FILE]
    results = bench.run(text, bench.program(ASK), tier="integration")
    bench.services.servers.end_shared()
    assert [result.verdict for result in results] == [Verdict.PASSED, Verdict.FAILED, Verdict.PASSED, Verdict.PASSED]
    (finding,) = results[1].findings
    assert (finding.step, finding.aspect, finding.check) == ("ask", "shared", "shared")
    assert finding.message == 'H5002 what plane holds was changed, and per = "file" lets the cases only read it'
    assert finding.diff == ("+ 2: POST /control/upgrade/drain",)
    # The step after it would have been judged under wrong premises.
    assert [observation.step for observation in results[1].observations] == ["ask"]


def test_any_order_of_cells_comes_to_the_same(bench: Bench) -> None:
    parts = [case("reader", READ), case("writer", DRAIN), case("refused", "POST:/control/shards/simulate", status=404)]
    program = bench.program(ASK)
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        text = PLANE + "data = { shards = [] }\n" + "".join(parts[index] for index in order) + STEP
        found = {result.case: result.verdict for result in bench.run(text, program, tier="integration")}
        bench.services.servers.end_shared()
        assert found == {"reader": Verdict.PASSED, "writer": Verdict.FAILED, "refused": Verdict.FAILED}, order


def test_recordings_and_counted_faults_belong_to_the_cell(bench: Bench) -> None:
    busy = '[{ on = "GET /control/upgrade", nth = 2, status = 503 }]'
    text = PLANE + 'faults = "${case.faults}"\n' + case("a", READ, faults=busy) + case("b", READ, faults=busy) + STEP
    text += '[[step]]\nreceived = { server = "plane", times = 1 }\n'
    assert [result.verdict for result in bench.run(text, bench.program(ASK), tier="integration")] == [Verdict.PASSED] * 2
    bench.services.servers.end_shared()


def test_a_send_step_that_writes_and_a_program_in_the_background_are_found(bench: Bench) -> None:
    sent = PLANE + '[[step]]\nid = "prepare"\nsend = { server = "plane", method = "POST", path = "/control/upgrade/drain", json = {} }\n'
    (finding,) = bench.one(sent, bench.program("true"), tier="integration").findings
    assert (finding.step, finding.diff) == ("prepare", ("+ 1: POST /control/upgrade/drain (from a send step)",))
    program = bench.program(ASK.replace("exec ", "", 1) + "\nexec sleep 600")
    waiting = PLANE + f'[[step]]\nid = "serve"\nstart = ["${{plane.url}}", "{DRAIN}"]\nstdout.contains = "200"\n'
    found = bench.one(waiting, program, tier="integration").findings
    assert ("serve", "shared") in {(item.step, item.aspect) for item in found}, found
    bench.services.servers.end_shared()


def test_a_shared_server_that_dies_makes_one_cell_void(bench: Bench) -> None:
    from test_execute_with_servers import KILL

    text = PLANE + "[[step]]\nrun = []\n"
    assert bench.one(text, bench.program(KILL), tier="integration").verdict is Verdict.HARNESS_ERROR
    assert bench.one(text, bench.program("true"), tier="integration").verdict is Verdict.PASSED
    bench.services.servers.end_shared()
