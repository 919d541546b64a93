"""The pool lends warm servers: fresh at each lease, replaced when dead, with errors that say what happened."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.execute.services import ServerLender
from harness.faults import ServerFault
from harness.servers.client import ServerGone, ServerProcess, ServerRefused, ServerStartError
from harness.servers.pool import ServerPool
from harness.servers.registry import ServerKind, UnknownServerKind, find
from harness.tests.control_plane_support import ask, drain, get, sent, state_of

BROKEN = ServerKind("broken", "harness.servers.no_such_module", "a kind whose process ends at once")
SILENT = ServerKind("silent", "this", "a kind that prints something else")


@pytest.fixture
def pool() -> Iterator[ServerPool]:
    lent = ServerPool()
    yield lent
    lent.close()


def test_a_server_is_used_again_and_fresh(pool: ServerPool) -> None:
    lender: ServerLender = pool
    with lender.lease("control-plane", {"faults": [{"on": "GET /healthz", "status": 500}], "enums": "numbers"}) as first:
        assert ask(first.url, "GET", "/healthz").status == 500
        assert drain(first.url).json["state"] == 2
        url = first.url
    with lender.lease("control-plane", {}) as second:
        assert second is first and second.url == url and second.requests() == []
        assert (state_of(url)["state"], ask(url, "GET", "/healthz").status) == ("Active", 200)


def test_leases_at_the_same_time_are_different_servers(pool: ServerPool) -> None:
    with pool.lease("control-plane", {}) as first, pool.lease("control-plane", {}) as second:
        assert first.url != second.url
        ask(first.url, "GET", "/healthz")
        assert (len(first.requests()), len(second.requests())) == (1, 0)


def test_a_server_that_died_while_idle_is_replaced(pool: ServerPool) -> None:
    with pool.lease("control-plane", {}) as first:
        pass
    os.kill(first.pid, signal.SIGKILL)
    with pool.lease("control-plane", {}) as second:
        assert second.pid != first.pid and ask(second.url, "GET", "/healthz").status == 200


def test_a_server_that_dies_while_leased_is_a_fault_that_names_it(pool: ServerPool) -> None:
    with pool.lease("control-plane", {}) as server:
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(ServerGone, match=rf"server control-plane \(process {server.pid}\) does not answer /requests: ") as gone:
            server.requests()
        assert isinstance(gone.value, ServerFault)
        with pytest.raises(ServerGone, match="gave no answer to GET /healthz"):
            server.send("GET", "/healthz", None, {})
    with pool.lease("control-plane", {}) as another:
        assert another.pid != server.pid


def test_settings_that_are_refused_keep_the_server(pool: ServerPool) -> None:
    with pytest.raises(ServerRefused, match=r'^reset: \$\.clock: "noon" is neither'), pool.lease("control-plane", {"clock": "noon"}):
        pass
    with pool.lease("control-plane", {}) as first:
        pass
    with pytest.raises(ServerRefused), pool.lease("control-plane", {"nonsense": 1}):
        pass
    with pool.lease("control-plane", {}) as second:
        assert second is first


def test_the_harness_can_send_for_itself(pool: ServerPool) -> None:
    with pool.lease("control-plane", {}) as server:
        reply = server.send("POST", "/control/upgrade/drain", b'{"reason":"x"}', {"content-type": "application/json"})
        assert reply.status == 200 and b'"reason":"x"' in reply.body
        assert ("content-type", "application/json; charset=utf-8") in reply.headers
        assert [entry["path"] for entry in server.requests()] == ["/control/upgrade/drain"]


def test_an_idle_admin_connection_that_was_closed_is_opened_again(pool: ServerPool) -> None:
    with pool.lease("control-plane", {}) as server:
        connection = server._connection
        assert connection is not None and connection.sock is not None
        connection.sock.shutdown(2)
        assert server.requests() == []


def test_requests_under_way_are_dropped_between_leases(pool: ServerPool) -> None:
    with pool.lease("control-plane", {"faults": [{"on": "GET /healthz", "hang": True}]}) as server:
        waiting = sent(server.url, get("/healthz"))
        connection = waiting.__enter__()
        assert len(server.requests()) == 1
    with pool.lease("control-plane", {}):
        with pytest.raises(ConnectionError):
            if not connection.recv(1):
                raise ConnectionResetError
        waiting.__exit__(None, None, None)


def test_a_kind_that_does_not_exist_is_named(pool: ServerPool) -> None:
    message = 'no kind of server is called "control-plan"; did you mean "control-plane"? (known: control-plane)'
    with pytest.raises(UnknownServerKind) as unknown:
        find("control-plan")
    assert str(unknown.value) == message
    with pytest.raises(ServerRefused), pool.lease("control-plan", {}):
        pass


def test_a_process_that_ends_at_once_shows_what_it_said() -> None:
    with pytest.raises(ServerStartError, match=r"(?s)^server broken ended or said something else.*No module named harness.servers.no_such_module"):
        ServerProcess.start(BROKEN)


def test_a_process_that_says_something_else_is_ended() -> None:
    with pytest.raises(ServerStartError, match=r"^server silent ended or said something else"):
        ServerProcess.start(SILENT)


def test_a_process_that_is_not_ready_in_time_is_ended(tmp_path: Path) -> None:
    # A data file that is a named pipe without a writer never opens, so the process never becomes ready.
    pipe = tmp_path / "never.json"
    os.mkfifo(pipe)
    with pytest.raises(ServerStartError, match=r"^server control-plane was not ready within 0\.2 s"):
        ServerProcess.start("control-plane", ["--data", str(pipe)], timeout=0.2)


def test_close_ends_every_server_and_may_be_repeated(pool: ServerPool) -> None:
    with pool.lease("control-plane", {}) as leased:
        with pool.lease("control-plane", {}) as idle:
            pass
        pool.close()
        assert not leased.alive() and not idle.alive()
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(leased.pid, 0)
