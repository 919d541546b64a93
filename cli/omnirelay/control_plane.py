"""One function per endpoint. Knows paths, wire types and the words for what failed; nothing of terminals."""

from __future__ import annotations

from omnirelay import durations, jsontext
from omnirelay.faults import Failure, TimeLimit
from omnirelay.render.safe_text import shortened, visible
from omnirelay.transport import address as addresses
from omnirelay.transport import http_client
from omnirelay.wire_reading import WireFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from omnirelay._generated.wire_introspect import DispatcherIntrospection
    from omnirelay._generated.wire_peers import PeersResponse
    from omnirelay._generated.wire_shard_diff import ShardDiffEntry
    from omnirelay._generated.wire_shard_list import ShardListResponse
    from omnirelay._generated.wire_shard_simulation import Nodes, ShardSimulationResponse
    from omnirelay._generated.wire_upgrade import NodeDrainSnapshot
    from omnirelay.session import Session
    from omnirelay.wire_reading import Path

    Query = tuple[tuple[str, str | None], ...]
    T = TypeVar("T")

PEERS_PATH = "/control/peers"
UPGRADE_PATH = "/control/upgrade"
DRAIN_PATH = "/control/upgrade/drain"
RESUME_PATH = "/control/upgrade/resume"
SHARDS_PATH = "/control/shards"
SHARD_DIFF_PATH = "/control/shards/diff"
SIMULATION_PATH = "/control/shards/simulate"

READ = "mesh.read"
OPERATE = "mesh.operate"

_CHECK = "check that the control plane is running and that --url is right"
_ADVICE = {
    http_client.REFUSED: _CHECK,
    http_client.UNREACHABLE: _CHECK,
    http_client.NAME: "check the host in --url",
    http_client.TLS: "use http, or a proxy that speaks https for you",
    http_client.REDIRECT: "point --url at the control plane itself",
}
_LONGEST_TOLD = 2000
_NOT_A_CONTROL_PLANE = "check that --url points at a control plane"


class Limit:
    """A time limit: as the operator wrote it, and in seconds."""

    __slots__ = ("seconds", "text")

    def __init__(self, text: str, long_hint: bool = False) -> None:
        """Raises Failure when `text` is no duration; `long_hint` adds the syntax to the message."""
        self.text = text
        try:
            self.seconds = durations.parse(text)
        except durations.DurationFault as fault:
            syntax = " Use standard TimeSpan formats or suffixes like 5s/1m." if long_hint else ""
            raise Failure(f"Could not parse timeout '{visible(text)}'.{syntax} {fault.hint}") from None


class Call:
    """One request and the words for its failures."""

    __slots__ = ("address", "answer", "body", "failed", "method", "name", "scope")

    def __init__(self, method: str, address: addresses.Address, name: str, answer: str, body: str | None = None, failed: str = "", scope: str = "") -> None:
        self.method = method
        self.address = address
        self.name = name
        self.answer = answer
        self.body = body
        self.failed = failed or name + " failed"
        self.scope = scope

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        declared = (("x-mesh-scope", self.scope),) if self.scope else ()
        return declared if self.body is None else (*declared, ("Content-Type", "application/json; charset=utf-8"))

    def told(self, text: str, advice: str) -> str:
        """A message that ends with the endpoint and what to do. The query is cut where a cursor has made it too long to read."""
        return f"{text} ({self.method} {shortened(self.address.text, _LONGEST_TOLD)}; {advice})"


def base_address(url: str) -> addresses.Address:
    """The server of a control-plane URL; its path and query are dropped."""
    try:
        return addresses.parse(url)
    except addresses.AddressFault as fault:
        raise Failure(f"Invalid control-plane URL '{_without_secret(url)}'. ({fault})") from None


def peers_call(url: str) -> Call:
    address = base_address(url).with_target(PEERS_PATH)
    return Call("GET", address, "Peer diagnostics request", "Peer diagnostics response")


def upgrade_call(url: str) -> Call:
    address = base_address(url).with_target(UPGRADE_PATH)
    return Call("GET", address, "Upgrade status request", "Upgrade status response")


def drain_call(url: str, reason: str | None) -> Call:
    from omnirelay._generated.wire_upgrade import NodeDrainCommand, plain_node_drain_command

    address = base_address(url).with_target(DRAIN_PATH)
    body = jsontext.compact(plain_node_drain_command(NodeDrainCommand(reason)))
    return Call("POST", address, "Drain request", "Drain response", body)


def resume_call(url: str) -> Call:
    address = base_address(url).with_target(RESUME_PATH)
    return Call("POST", address, "Resume request", "Resume response")


def shards_call(url: str, query: Query) -> Call:
    from omnirelay.transport.query import encoded

    address = base_address(url).with_target(SHARDS_PATH + encoded(query))
    return Call("GET", address, "Shard list request", "Shard list response", scope=READ)


def shard_diff_call(url: str, query: Query) -> Call:
    from omnirelay.transport.query import encoded

    address = base_address(url).with_target(SHARD_DIFF_PATH + encoded(query))
    return Call("GET", address, "Shard diff request", "Shard diff response", scope=OPERATE)


def simulation_call(url: str, namespace: str, strategy: str | None, nodes: list[Nodes]) -> Call:
    from omnirelay._generated.wire_shard_simulation import ShardSimulationRequest, plain_shard_simulation_request

    address = base_address(url).with_target(SIMULATION_PATH)
    body = jsontext.compact(plain_shard_simulation_request(ShardSimulationRequest(namespace, strategy, nodes)))
    return Call("POST", address, "Simulation request", "Simulation response", body, scope=OPERATE)


def introspect_call(url: str) -> Call:
    """The URL is used as it is."""
    try:
        address = addresses.parse(url)
    except addresses.AddressFault as fault:
        raise Failure(f"Introspection failed: invalid URL '{_without_secret(url)}'. ({fault})") from None
    return Call("GET", address, "Introspection request", "Introspection response", failed="Introspection failed")


def fetch_peers(session: Session, call: Call, limit: Limit) -> PeersResponse:
    from omnirelay._generated.wire_peers import read_peers_response

    return _typed(call, _document(session, call, limit), read_peers_response)


def fetch_upgrade(session: Session, call: Call, limit: Limit) -> NodeDrainSnapshot:
    """The answer of the upgrade endpoint, or of drain and resume, which answer alike."""
    from omnirelay._generated.wire_upgrade import read_node_drain_snapshot

    return _typed(call, _document(session, call, limit), read_node_drain_snapshot)


def fetch_shards(session: Session, call: Call, limit: Limit) -> ShardListResponse:
    from omnirelay._generated.wire_shard_list import read_shard_list_response

    return _typed(call, _document(session, call, limit), read_shard_list_response)


def fetch_shard_diff(session: Session, call: Call, limit: Limit, make: Callable[[ShardDiffEntry], T]) -> tuple[list[T], int | None]:
    """What `make` makes of each entry, and the last position. There are no pages and no bound, so no entry is kept."""
    from omnirelay import json_pieces
    from omnirelay._generated.wire_shard_diff import read_shard_diff_entry, read_shard_diff_response

    text = _text(session, call, limit)
    found = json_pieces.split(text, "items", lambda value, index: make(read_shard_diff_entry(value, ((None, "items"), index))))
    if found is not None:
        return found[0], _typed(call, found[1], read_shard_diff_response).last_position
    answer = _typed(call, _parsed(call, text), read_shard_diff_response)
    return [make(entry) for entry in answer.items], answer.last_position


def fetch_simulation(session: Session, call: Call, limit: Limit) -> ShardSimulationResponse:
    from omnirelay._generated.wire_shard_simulation import read_shard_simulation_response

    return _typed(call, _document(session, call, limit), read_shard_simulation_response)


def fetch_introspection(session: Session, call: Call, limit: Limit) -> DispatcherIntrospection:
    from omnirelay._generated.wire_introspect import read_dispatcher_introspection

    return _typed(call, _document(session, call, limit), read_dispatcher_introspection)


def _typed(call: Call, document: Any, read: Callable[[Any, Path], T]) -> T:
    try:
        return read(document, None)
    except WireFault as fault:
        text = f"{call.failed}: the answer is not as expected: {fault}."
        raise Failure(call.told(text, _NOT_A_CONTROL_PLANE)) from None


def _document(session: Session, call: Call, limit: Limit) -> Any:
    """The decoded body of a successful answer."""
    return _parsed(call, _text(session, call, limit))


def _text(session: Session, call: Call, limit: Limit) -> str:
    """The body of a successful answer as text."""
    body = _body(session, call, limit)
    if not body or body.isspace():
        raise Failure(call.told(call.failed + ": the answer has no body.", _NOT_A_CONTROL_PLANE))
    try:
        return jsontext.decoded(body)
    except jsontext.JsonFault as fault:
        raise _no_json(call, fault) from None


def _parsed(call: Call, text: str) -> Any:
    try:
        document = jsontext.parse_text(text)
    except jsontext.JsonFault as fault:
        raise _no_json(call, fault) from None
    if document is None:
        raise Failure(call.told(call.answer + " was empty.", "the answer was JSON null"))
    return document


def _no_json(call: Call, fault: jsontext.JsonFault) -> Failure:
    return Failure(call.told(f"{call.failed}: the answer is not valid JSON: {fault}.", _NOT_A_CONTROL_PLANE))


def _body(session: Session, call: Call, limit: Limit) -> bytes:
    agent = "omnirelay/" + session.version
    content = None if call.body is None else call.body.encode("utf-8", "backslashreplace")
    request = http_client.Request(call.method, call.address, call.headers, content, agent)
    try:
        response = http_client.exchange(request, http_client.Deadline(limit.seconds))
    except http_client.ExchangeFault as fault:
        if fault.cause == http_client.TIMED_OUT:
            advice = f"no complete answer within {limit.text}; raise --timeout or look at the control plane"
            raise TimeLimit(call.told(call.name + " timed out.", advice)) from None
        advice = _ADVICE.get(fault.cause, "try again, or look at the control plane and what lies between")
        raise Failure(call.told(f"{call.failed}: {fault.text}.", advice)) from None
    if not 200 <= response.status < 300:
        raise _refusal(call, response.status, response.reason, response.body)
    return response.body


def _refusal(call: Call, status: int, reason: str, body: bytes) -> Failure:
    """The failure for a status other than success, with the detail of a problem document if there is one."""
    words = str(status) + (" " + shortened(reason, 80) if reason else "")
    detail = _detail(body)
    text = f"{call.name} failed: {words}." + detail
    if status == 403 and call.scope:
        advice = f"the scope {call.scope} is missing: look whether something on the way takes the header x-mesh-scope away"
    elif status == 404 and detail and call.scope:
        advice = "omnirelay mesh shards list shows the namespaces that there are"
    elif status == 404:
        advice = _NOT_A_CONTROL_PLANE
    elif status == 400 and detail:
        advice = "change what was asked for"
    elif status == 409:
        advice = "look at omnirelay mesh upgrade status"
    elif status in (429, 503):
        advice = "try again later, or look at the control plane"
    else:
        advice = "look at the control plane's log"
    return Failure(call.told(text, advice))


def _detail(body: bytes) -> str:
    if not body.lstrip().startswith(b"{") or len(body) > 65536:
        return ""
    try:
        document = jsontext.parse(body)
    except jsontext.JsonFault:
        return ""
    for name in ("detail", "error"):
        found = document.get(name)
        if type(found) is str and found.strip():
            return " " + shortened(found.strip(), 300)
    return ""


def _without_secret(url: str) -> str:
    """What may be repeated of a URL that was refused: never what stands before an @."""
    head, at, tail = url.rpartition("@")
    if not at:
        return shortened(url, 200)
    scheme, mark, _ = head.partition("://")
    return shortened((scheme + mark if mark else "") + "...@" + tail, 200)
