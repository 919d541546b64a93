"""The recording holds the bytes that clients really saw, whatever went wrong on the way, and its JSON form comes back as it was."""

from __future__ import annotations

import contextlib
import json

import pytest
from control_plane_support import connect, until
from hypothesis import given
from hypothesis import strategies as st

from harness.model.traffic import Ending, Exchange, Piece, StateChange
from harness.servers.changes import changes_from_json, changes_to_json
from harness.servers.client import ServerProcess
from harness.servers.exchanges import TrafficError, exchange_from_json, exchange_to_json
from harness.servers.recorder import MAX_REQUESTS, Recorder
from harness.servers.tap import Answer, AnswerStore

REQUEST = b"GET /control/peers?page=1 HTTP/1.1\r\nHost: x\r\nX-Odd: Yes\r\nConnection: close\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
FAULTS = [
    ({"status": 503, "body": "{}"}, Ending.CLOSE),
    ({"truncate": 5}, Ending.CLOSE),
    ({"garbage": "not http"}, Ending.CLOSE),
    ({"chunked": 3, "body": "{}", "status": 200}, Ending.CLOSE),
    ({"close": True}, Ending.CLOSE),
    ({"reset": True}, Ending.RESET),
]


@pytest.fixture(scope="module")
def server() -> object:
    running = ServerProcess.start("control-plane")
    yield running
    running.stop()


def everything(url: str) -> bytes:
    """All bytes of one answer, until the server ends the connection."""
    parts = []
    with connect(url) as connection:
        connection.sendall(REQUEST)
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(("fault", "ending"), FAULTS, ids=[next(iter(fault)) for fault, _ in FAULTS])
def test_what_is_recorded_is_what_the_client_saw(server: ServerProcess, fault: dict[str, object], ending: Ending) -> None:
    url = server.reset(clock="2025-01-02T03:04:05Z", data={"peers": []}, faults=[{"on": "GET /control/peers", **fault}])
    seen = everything(url)
    (exchange,) = server.traffic()
    assert (exchange.method, exchange.target, exchange.ending) == ("GET", "/control/peers?page=1", ending)
    assert ("X-Odd", "Yes") in exchange.headers
    assert exchange.answer == seen


def test_a_connection_that_stays_open_and_one_that_is_never_answered(server: ServerProcess) -> None:
    url = server.reset(faults=[{"on": "GET /healthz", "nth": 2, "hang": True}])
    with connect(url) as connection:
        connection.sendall(HEALTH)
        connection.recv(65536)
        connection.sendall(HEALTH)
        first, second = until(server.traffic, lambda exchanges: len(exchanges) == 2)
    assert (first.ending, bool(first.pieces)) == (Ending.OPEN, True)
    assert (second.ending, second.pieces) == (Ending.SILENT, ())


def test_a_client_that_gives_up_waiting_has_got_no_answer_and_no_end(server: ServerProcess) -> None:
    url = server.reset(faults=[{"on": "GET /healthz", "nth": 1, "hang": True}, {"on": "GET /healthz", "nth": 2, "delay": "30s"}])
    for number in (1, 2):
        with connect(url) as connection:
            connection.sendall(HEALTH)
            until(server.traffic, lambda exchanges, number=number: len(exchanges) == number)
    # A third request is answered only after the server has seen that the other two are gone.
    with connect(url) as connection:
        connection.sendall(HEALTH)
        connection.recv(65536)
    exchanges = server.traffic()
    assert [(exchange.ending, bool(exchange.pieces)) for exchange in exchanges] == [(Ending.SILENT, False), (Ending.SILENT, False), (Ending.OPEN, True)]


def test_equal_answers_share_their_room_and_what_does_not_fit_is_marked() -> None:
    store = AnswerStore(limit=10_000)
    answers = [Answer(store) for _ in range(5)]
    for answer in answers:
        answer.sent(b"x" * 9000)
    assert not any(answer.cut for answer in answers)
    late = Answer(store)
    late.sent(b"y" * 900)
    late.sent(b"z" * 900)
    late.sent(b"again")
    assert late.cut
    assert [piece.data for piece in late.pieces()] == [b"y" * 900]


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
EXCHANGES = st.builds(
    Exchange,
    TEXT,
    TEXT,
    st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    st.binary(max_size=9),
    st.lists(st.builds(Piece, st.floats(0, 86400), st.binary(max_size=9)), max_size=3).map(tuple),
    st.sampled_from(Ending),
    st.booleans(),
    st.booleans(),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)


@given(EXCHANGES)
def test_an_exchange_comes_back_from_its_json_form(exchange: Exchange) -> None:
    assert exchange_from_json(exchange_to_json(exchange)) == exchange


@given(EXCHANGES, st.sampled_from(["method", "target", "headers", "body", "pieces", "ending", "cut", "changed", "more"]), VALUES)
def test_anything_else_is_refused(exchange: Exchange, key: str, value: object) -> None:
    document = {**exchange_to_json(exchange), key: value}
    try:
        again = exchange_from_json(document)
    except TrafficError:
        return
    assert exchange_to_json(again) == document


CHANGES = st.lists(st.builds(StateChange, st.integers(), TEXT, TEXT, st.booleans()), max_size=3).map(tuple)


@given(CHANGES)
def test_changes_come_back_from_their_json_form(changes: tuple[StateChange, ...]) -> None:
    assert changes_from_json(json.loads(json.dumps(changes_to_json(changes)))) == changes


@given(st.one_of(VALUES, st.tuples(CHANGES, st.sampled_from(["n", "method", "target", "marked", "more"]), VALUES)))
def test_anything_that_is_no_list_of_changes_is_refused(value: object) -> None:
    if isinstance(value, tuple):
        changes, key, wrong = value
        value = [{**item, key: wrong} for item in changes_to_json(changes)]
    try:
        again = changes_from_json(value)
    except ValueError:
        return
    assert changes_to_json(again) == value


def test_a_flood_of_requests_makes_no_change_forgotten() -> None:
    recorder = Recorder()
    entry = recorder.open("POST", ("/x", "a=1"), (("Host", "x"),), 1)
    recorder.note_change(entry)
    recorder.note_change(entry)
    for _ in range(MAX_REQUESTS):
        recorder.open("GET", ("/y", ""), (), 1)
    assert recorder.changes() == (StateChange(1, "POST", "/x?a=1", False),)
