"""The verbs about servers: what counts as a received request, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import pytest

from harness.load.document import Document
from harness.load.scenarios import bind_scenario
from harness.model.observation import Observation
from harness.model.template import Template, fill, fill_arguments, fill_value
from harness.verbs.base import Performed, Reply
from harness.verbs.registry import verb_of

NAMES: dict[str, object] = {"case.reason": "roll", "plane.url": "http://127.0.0.1:1"}


@dataclass
class Server:
    """A server that has received what the test says and answers everything with one reply."""

    recorded: list[dict[str, object]]
    reply: Reply = field(default_factory=lambda: Reply(200, (), b""))
    sent: list[tuple[str, str, bytes | None, Mapping[str, str]]] = field(default_factory=list)
    url: str = "http://127.0.0.1:1"

    def requests(self) -> list[dict[str, object]]:
        return self.recorded

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        self.sent.append((method, path, body, headers))
        return self.reply


@dataclass
class World:
    """A world with one server and a process that echoes how it was started."""

    plane: Server

    def resolve(self, template: Template) -> str:
        return fill(template, NAMES.__getitem__)

    def resolve_arguments(self, templates: Sequence[Template]) -> tuple[str, ...]:
        return fill_arguments(templates, NAMES.__getitem__)

    def resolve_value(self, value: object) -> object:
        return fill_value(value, NAMES.__getitem__)

    def spawn(self, arguments: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes | None) -> Observation:
        return Observation("s", argv=(*arguments, *(f"{name}={value}" for name, value in env.items())), stdout=stdin or b"")

    def server(self, name: str) -> Server:
        assert name == "plane"
        return self.plane


def _request(n: int, method: str, path: str, body: object = None, query: str = "", headers: tuple[tuple[str, str], ...] = ()) -> dict[str, object]:
    shown = {"n": n, "method": method, "path": path, "query": query, "headers": [list(pair) for pair in headers], "body": None, "status": 200}
    return {**shown, "json": body, "body": str(body)} if body is not None else shown


RECORDED = [
    _request(1, "GET", "/a", query="x=1", headers=(("Accept", "application/json"),)),
    _request(2, "POST", "/b", {"reason": "roll"}),
    _request(3, "POST", "/b", {"reason": "other"}),
]


def _perform(step: str, server: Server) -> Performed:
    text = f'format = 1\ntitle = "t"\n[server.plane]\nuse = "control-plane"\n[[case]]\nid = "a"\nreason = "roll"\n[[step]]\nid = "s"\n{step}\n'
    path = Path("integration/x.toml")
    bound = bind_scenario(Document.parse(text.encode(), path, PurePath(path)), path, Path()).steps[0]
    return verb_of(bound.verb).perform(bound.verb, bound, World(server))


@pytest.mark.parametrize(
    "wanted",
    [
        "server = 'plane'",
        "server = 'plane', times = 3",
        "server = 'plane', method = 'GET', times = 1",
        "server = 'plane', path = '/a'",
        "server = 'plane', path = '/a?x=1', headers = { accept = 'application/json' }",
        "server = 'plane', path = '/b', times = 1, json = { reason = '${case.reason}' }",
        "server = 'plane', path = '/b', times = 2, body.contains = 'reason'",
        "server = 'plane', path = '/c', times = 0",
    ],
)
def test_requests_that_count(wanted: str) -> None:
    assert _perform(f"received = {{ {wanted} }}", Server(RECORDED)).findings == ()


@pytest.mark.parametrize(
    ("wanted", "message", "diff"),
    [
        ("times = 0", "plane received any method on any path 3 times, not 0 times",
         ("+ 1: GET /a?x=1 → 200", "+ 2: POST /b → 200", "+ 3: POST /b → 200")),
        ("path = '/a?x=2'", "plane received any method /a?x=2 0 times, not at least once",
         ("+ 1: GET /a?x=1 → 200", "+ 2: POST /b → 200", "+ 3: POST /b → 200")),
        ("method = 'POST', path = '/b', json = { reason = 'x' }, times = 1", "plane received POST /b with this JSON 0 times, not 1 times",
         ("  request 2: POST /b", '- $.reason = "x"', '+ $.reason = "roll"')),
        ("path = '/a', headers = { accept = 'text/plain' }", "plane received any method /a with these headers 0 times, not at least once",
         ("  request 1: GET /a?x=1", "- accept: text/plain", "+ accept: application/json")),
        ("path = '/a', json = {}", "plane received any method /a with this JSON 0 times, not at least once",
         ("  request 1: GET /a?x=1", "+ the body is not JSON: empty")),
        ("path = '/b', body = { contains = ['zzz'] }", "plane received any method /b with this body 0 times, not at least once",
         ("  request 2: POST /b", "- body contains zzz")),
    ],
)  # fmt: skip
def test_requests_that_do_not_count_are_explained(wanted: str, message: str, diff: tuple[str, ...]) -> None:
    (finding,) = _perform(f"received = {{ server = 'plane', {wanted} }}", Server(RECORDED)).findings
    assert (finding.message, finding.diff) == (message, diff)


def test_no_request_at_all_is_said() -> None:
    (finding,) = _perform("received = { server = 'plane', path = '/a' }", Server([])).findings
    assert finding.diff == ("+ no request at all",)


def test_send_sends_what_is_written() -> None:
    server = Server([])
    assert _perform("send = { server = 'plane', method = 'POST', path = '/x/${case.reason}', json = { a = '${case.reason}' } }", server).findings == ()
    assert _perform("send = { server = 'plane', method = 'PUT', path = '/x', body = 'é', headers = { X = '1' } }", server).findings == ()
    assert server.sent == [
        ("POST", "/x/roll", b'{"a": "roll"}', {"content-type": "application/json"}),
        ("PUT", "/x", "é".encode(), {"X": "1"}),
    ]


@pytest.mark.parametrize(
    ("status", "wanted", "right"), [(204, "", True), (404, "", False), (409, ", status = [200, 409]", True), (200, ", status = 409", False)]
)
def test_send_judges_the_status(status: int, wanted: str, right: bool) -> None:
    performed = _perform(f"send = {{ server = 'plane', method = 'GET', path = '/x'{wanted} }}", Server([], Reply(status, (), b"why\nmore")))
    assert [item.diff for item in performed.findings] == ([] if right else [("+ why",)])


def test_run_hands_over_arguments_environment_and_input() -> None:
    performed = _perform("run = ['a', '${plane.url}']\nenv = { A = '${case.reason}' }\nstdin = '${case.reason}'", Server([]))
    assert (performed.observation.argv, performed.observation.stdout) == (("a", "http://127.0.0.1:1", "A=roll"), b"roll")
