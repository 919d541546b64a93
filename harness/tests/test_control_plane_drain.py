"""The drain state machine: every transition of domain 5, refusals, failures, concurrency, and clients that go away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.servers.client import ServerProcess
from harness.tests.control_plane_support import CLOCK, INSTANT, Reply, ask, await_active, await_state, drain, get, read_all, sent, state_of, words

LONG = "30m"
CONFLICT = "https://tools.ietf.org/html/rfc9110#section-15.5.10"


@pytest.fixture(scope="module")
def plane() -> Iterator[ServerProcess]:
    server = ServerProcess.start("control-plane", ["--clock", CLOCK])
    yield server
    server.stop()


UNFINISHED = get("/control/peers", "Connection: close\r\nContent-Length: 1\r\n")
"""A request that the server has let in and that is under way until its last byte, any, is sent."""


def begin(plane: ServerProcess, *participants: dict[str, object], **upgrade: object) -> str:
    return plane.reset(data={"upgrade": {"participants": list(participants), **upgrade}})


def resume(url: str) -> Reply:
    return ask(url, "POST", "/control/upgrade/resume")


def drain_bytes(reason: str = "rolling") -> bytes:
    body = json.dumps({"reason": reason})
    return f"POST /control/upgrade/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_drain_then_resume(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "http-inbound:0", "drain": "1ms"}, {"name": "grpc-inbound:0"})
    reply = drain(url, {"reason": "  rolling \t"})
    assert reply.status == 200
    assert reply.json == {
        "state": "Drained",
        "reason": "rolling",
        "updatedAt": INSTANT,
        "participants": [
            {"name": "http-inbound:0", "state": "Drained", "updatedAt": INSTANT},
            {"name": "grpc-inbound:0", "state": "Drained", "updatedAt": INSTANT},
        ],
    }
    assert drain(url, {"reason": "another"}).json == reply.json
    assert state_of(url) == reply.json
    after = resume(url)
    assert after.status == 200
    assert "reason" not in after.json and after.json["state"] == "Active" and words(after.json) == ["Active", "Active"]
    assert resume(url).json == after.json


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": ""}, {"reason": " \n"}, {"other": 1}, None])
def test_no_reason(plane: ServerProcess, body: object) -> None:
    url = begin(plane)
    reply = ask(url, "POST", "/control/upgrade/drain", json.dumps(body).encode(), {"Content-Type": "application/json"})
    assert (reply.status, reply.json) == (200, {"state": "Drained", "updatedAt": INSTANT, "participants": []})


def test_reason_is_found_in_any_case_and_the_last_one_wins(plane: ServerProcess) -> None:
    url = begin(plane)
    ask(url, "POST", "/control/upgrade/drain", b'{"Reason":"first","REASON":"second"}', {"Content-Type": "application/merge+json; charset=UTF-8"})
    assert state_of(url)["reason"] == "second"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"x"', "application/json"),
        (b'{"reason":5}', "application/json"),
        (b'{"reason":"\\ud800"}', "application/json"),
        (b'{"reason":NaN}', "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"{}", "text/plain"),
        (b"{}", "application/json; charset=utf-16"),
        (b"{}", ""),
    ],
)
def test_an_unusable_body_is_a_server_error_and_changes_nothing(plane: ServerProcess, body: bytes, kind: str) -> None:
    url = begin(plane, {"name": "a"})
    reply = ask(url, "POST", "/control/upgrade/drain", body, {"Content-Type": kind} if kind else {})
    assert (reply.status, reply.body) == (500, b"")
    assert state_of(url)["state"] == "Active"


def test_a_drain_under_way_refuses_a_second_drain_and_a_resume(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a"}, {"name": "b", "drain": LONG}, {"name": "c"})
    with sent(url, drain_bytes()):
        document = await_state(url, "Draining", ["Drained", "Draining", "Draining"])
        assert document["reason"] == "rolling"
        for reply, detail in ((drain(url), "Node drain is already in progress."), (resume(url), "Cannot resume while a drain is in progress.")):
            assert (reply.status, reply.headers["content-type"]) == (409, "application/problem+json")
            assert reply.json == {"type": CONFLICT, "title": "Conflict", "status": 409, "detail": detail}
        assert ask(url, "GET", "/control/peers").headers["retry-after"] == "1"


def test_of_many_drains_at_once_one_succeeds(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a", "drain": "50ms"})
    with ThreadPoolExecutor(8) as workers:
        statuses = sorted(reply.status for reply in workers.map(lambda _: drain(url), range(24)))
    # Later ones may find the node drained already, which is a success that changes nothing.
    assert statuses[0] == 200 and set(statuses) <= {200, 409}
    received = [entry for entry in plane.requests() if entry["path"] == "/control/upgrade/drain"]
    assert len(received) == 24 and state_of(url)["state"] == "Drained"


def test_a_client_that_goes_away_fails_the_participant_that_drains(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a"}, {"name": "b", "drain": LONG}, {"name": "c"})
    with sent(url, drain_bytes()):
        await_state(url, "Draining")
    document = await_state(url, "Failed")
    assert words(document) == ["Drained", "Failed", "Draining"]
    participants = document["participants"]
    assert isinstance(participants, list) and participants[1]["lastError"] == "The operation was canceled."
    refused = resume(url)
    assert (refused.status, refused.json["detail"]) == (409, "Drain previously failed. Restart the process before resuming.")


def test_a_client_that_goes_away_between_participants_leaves_the_node_draining(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a", "onDisconnect": "finish"}, {"name": "b"})
    with sent(url, UNFINISHED) as early:
        await_active(url, 1)
        with sent(url, drain_bytes()):
            await_state(url, "Draining", ["Draining", "Draining"])
        state_of(url)  # by now the server knows that the client is gone, and participant a waits on for the early request
        early.sendall(b"x")
        await_state(url, "Draining", ["Drained", "Draining"])
    assert [entry["status"] for entry in plane.requests() if entry["method"] == "POST"] == [None]
    assert drain(url).status == 409 and resume(url).status == 409


def test_a_participant_that_fails_stops_the_drain_and_a_new_drain_starts_again(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a"}, {"name": "b", "fail": "lease is held", "failTimes": 1}, {"name": "c"})
    reply = drain(url)
    assert (reply.status, reply.json["detail"]) == (409, "lease is held")
    document = state_of(url)
    assert (document["state"], words(document)) == ("Failed", ["Drained", "Failed", "Draining"])
    assert document["participants"][1]["lastError"] == "lease is held"
    again = drain(url, {"reason": "second try"})
    assert (again.status, again.json["state"], again.json["reason"]) == (200, "Drained", "second try")
    assert all("lastError" not in entry for entry in again.json["participants"])


def test_another_error_of_a_participant_is_a_server_error_without_a_body(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a", "fail": "disk on fire", "failAs": "error"})
    reply = drain(url)
    assert (reply.status, reply.body) == (500, b"")
    assert state_of(url)["participants"][0]["lastError"] == "disk on fire"


def test_a_participant_that_fails_to_resume_leaves_the_node_drained(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a"}, {"name": "b", "fail": "not yet", "failOn": "resume", "failTimes": 1}, {"name": "c"})
    assert drain(url).status == 200
    reply = resume(url)
    assert (reply.status, reply.json["detail"]) == (409, "not yet")
    document = state_of(url)
    assert (document["state"], words(document)) == ("Drained", ["Active", "Drained", "Drained"])
    assert resume(url).json["state"] == "Active"


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "given-up"])
def test_a_request_that_came_before_the_drain_is_finished_first(plane: ServerProcess, answered: bool) -> None:
    url = plane.reset()
    with sent(url, UNFINISHED) as early:
        await_active(url, 1)
        with sent(url, drain_bytes()) as draining:
            await_state(url, "Draining")
            assert ask(url, "GET", "/readyz").json["activeRequests"] == 1
            if answered:
                early.sendall(b"x")
                assert read_all(early).startswith(b"HTTP/1.1 200 ")
            else:
                early.close()
            assert draining.recv(100).startswith(b"HTTP/1.1 200 ")
    assert state_of(url)["state"] == "Drained"


def test_a_reset_drops_a_drain_that_is_under_way(plane: ServerProcess) -> None:
    url = begin(plane, {"name": "a", "drain": LONG})
    with sent(url, drain_bytes()) as draining:
        await_state(url, "Draining")
        begin(plane, {"name": "z"})
        with pytest.raises(ConnectionError):
            if not draining.recv(1):
                raise ConnectionResetError
    assert (state_of(url)["state"], words(state_of(url))) == ("Active", ["Active"])
    assert [entry["path"] for entry in plane.requests()] == ["/control/upgrade"] * 2


class Model:
    """The table of domain 5, as plainly as it can be written."""

    def __init__(self, failures: list[tuple[str, int] | None]) -> None:
        self.node, self.failures = "Active", [list(f) if f else None for f in failures]
        self.parts = ["Active"] * len(failures)

    def _fails(self, index: int, action: str) -> bool:
        failure = self.failures[index]
        if failure is None or failure[0] != action or failure[1] == 0:
            return False
        failure[1] -= 1
        return True

    def drain(self) -> int:
        if self.node == "Drained":
            return 200
        self.node, self.parts = "Draining", ["Draining"] * len(self.parts)
        for index in range(len(self.parts)):
            if self._fails(index, "drain"):
                self.node = self.parts[index] = "Failed"
                return 409
            self.parts[index] = "Drained"
        self.node = "Drained"
        return 200

    def resume(self) -> int:
        if self.node == "Failed":
            return 409
        if self.node == "Drained":
            for index in range(len(self.parts)):
                if self._fails(index, "resume"):
                    return 409
                self.parts[index] = "Active"
            self.node = "Active"
        return 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    failures=st.lists(st.none() | st.tuples(st.sampled_from(["drain", "resume"]), st.integers(1, 3)), max_size=4),
    actions=st.lists(st.sampled_from(["drain", "resume"]), max_size=8),
)
def test_any_sequence_of_actions_follows_the_table(plane: ServerProcess, failures: list[tuple[str, int] | None], actions: list[str]) -> None:
    programmed = [{} if f is None else {"fail": "no", "failOn": f[0], "failTimes": f[1]} for f in failures]
    url = begin(plane, *({"name": f"p{index}", **extra} for index, extra in enumerate(programmed)))
    model = Model(failures)
    for action in actions:
        reply = drain(url) if action == "drain" else resume(url)
        assert reply.status == (model.drain() if action == "drain" else model.resume())
        document = state_of(url)
        assert (document["state"], words(document)) == (model.node, model.parts)
