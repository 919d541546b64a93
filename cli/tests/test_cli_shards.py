"""`mesh shards` as processes against real loopback servers: what is sent, what is printed, and how a walk over all pages ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from cli_loopback import Answer, answers_json, hangs, says, serving
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.generator.reading import read_application
from cli.generator.wire_model import read_document
from omnirelay.commands import shards_filters, shards_simulate
from omnirelay.faults import Failure
from omnirelay.jsontext import compact
from omnirelay.render import json_document
from omnirelay.transport.query import encoded, escaped

ROOT = Path(__file__).parents[2]
PATHS = f"{ROOT}{os.pathsep}{ROOT / 'cli'}"


def shard(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "namespace": "mesh.control", "shardId": name, "strategyId": "rendezvous", "ownerNodeId": "node-a", "capacityHint": 1, "status": 0, "version": 7,
        "checksum": "5B1081CD00E44E9C", "updatedAt": "2024-10-01T02:00:00.5+02:00", **changes,
    }  # fmt: skip


def page(*names: str, cursor: str | None = None, version: int = 42) -> dict[str, Any]:
    return {"items": [shard(name) for name in names], "nextCursor": cursor, "version": version}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": PATHS}
    command = [sys.executable, "-m", "omnirelay", "mesh", "shards", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=50, check=False)


def against(answers: list[Answer], *words: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """The finished process and the requests, with the port taken out of them."""
    with serving(*answers) as server:
        done = run(*words, "-u", f"http://127.0.0.1:{server.port}")
        return done, [request.decode().replace(f":{server.port}", "") for request in server.requests]


def targets(requests: list[str]) -> list[str]:
    return [request.split(" ")[1] for request in requests]


HEAD = "Namespace                Shard              Owner              Status      Version Updated                 \n"


def test_a_page_as_a_table() -> None:
    odd = shard("Shard-0002", status="PAUSED", ownerNodeId="node\u001b[2J", namespace="MESH.control", version=2**63 - 1)
    body = {"items": [odd, shard("shard-0001")], "nextCursor": "cursor-123", "version": 42}
    done, requests = against([answers_json(json.dumps(body))], "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Shard version : 42\nNext cursor   : cursor-123\n\n" + HEAD
        + "mesh.control             shard-0001         node-a             Active            7 2024-10-01 00:00:00Z    \n"
        + "MESH.control             Shard-0002         node\\x1b[2J        Paused     9223372036854775807 2024-10-01 00:00:00Z    \n"
    )  # fmt: skip
    assert requests == [
        "GET /control/shards HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: omnirelay/0.1.0\r\nConnection: close\r\nx-mesh-scope: mesh.read\r\n\r\n"
    ]


def test_what_is_set_is_sent_in_the_order_of_the_contract() -> None:
    words = ["--page-size", "5", "--search", "0001", "--status", "active, draining", "--status=7", "--owner", "  ", "--namespace", "mesh control/ü&="]
    done, requests = against([answers_json(json.dumps(page()))], "list", *words, "--cursor", "YQ==")
    assert done.stdout == "Shard version : 42\nNext cursor   : (none)\n\nNo shards matched the filters.\n"
    assert targets(requests) == ["/control/shards?namespace=mesh%20control%2F%C3%BC%26%3D&search=0001&cursor=YQ%3D%3D&pageSize=5&status=Active%2CDraining%2C7"]


def test_a_page_as_json_keeps_the_names_of_the_contract_and_leaves_nulls_out() -> None:
    for form in (["--json"], ["--format", "json"], ["--format=1"]):
        done, _ = against([answers_json(json.dumps(page("a", cursor="c")))], "list", *form)
        document = json.loads(done.stdout)
        assert list(document) == ["items", "nextCursor", "version"]
        assert document["items"] == [{**shard("a"), "status": "Active"}]
        assert done.stdout.startswith('{\n  "items": [\n    {\n      "namespace": "mesh.control",\n')


def test_all_pages_become_one_table_and_one_document() -> None:
    pages = [page("b", "a", cursor="1"), page(cursor="2"), page("c", version=50)]
    answers = [answers_json(json.dumps(one)) for one in pages]
    done, requests = against(answers, "list", "--all", "--cursor", "0")
    rows = [line.split()[1] for line in done.stdout.splitlines()[4:]]
    assert done.stdout.startswith("Shard version : 42\nNext cursor   : (none)\n\n" + HEAD)
    assert (done.returncode, rows) == (0, ["a", "b", "c"])
    assert targets(requests) == [f"/control/shards?cursor={number}&pageSize=500" for number in (0, 1, 2)]
    done, requests = against(answers, "list", "--all", "--json", "--page-size", "2")
    assert (done.stdout.count("\n"), targets(requests)[2]) == (1, "/control/shards?cursor=2&pageSize=2")
    document = json.loads(done.stdout)
    assert (list(document), document["version"], [item["shardId"] for item in document["items"]]) == (["items", "version"], 42, ["b", "a", "c"])


@pytest.mark.parametrize("form", ["table", "json"])
def test_all_pages_of_nothing(form: str) -> None:
    answers = [answers_json(json.dumps(page(cursor="1"))), answers_json(json.dumps(page()))]
    done, _ = against(answers, "list", "--all", "--format", form)
    table = "Shard version : 42\nNext cursor   : (none)\n\nNo shards matched the filters.\n"
    assert (done.returncode, done.stdout) == (0, table if form == "table" else '{"items":[],"version":42}\n')


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("lead", [0, 1, 4])
def test_cursors_that_go_in_a_circle_end_the_walk(lead: int, length: int) -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        asked = int(request.partition(b"cursor=")[2].partition(b"&")[0] or b"-1") if b"cursor=" in request else -1
        following = asked + 1 if asked + 1 < lead + length else lead
        answers_json(json.dumps(page(f"s{asked}", cursor=str(following))))(connection, request)

    done, requests = against([answer], "list", "--all", "--json")
    assert (done.returncode, done.stdout[-1:]) == (1, "\n")
    assert done.stderr.startswith("error: Shard list request failed: the pages go in a circle: the cursor '")
    assert len(requests) <= 4 * (lead + length) + 2


def test_a_server_that_ignores_the_cursor_is_told_after_one_page() -> None:
    done, requests = against([answers_json(json.dumps(page("a", cursor="same")))], "list", "--all")
    assert (done.returncode, len(requests), done.stdout.count("mesh.control")) == (1, 2, 1)
    assert "the cursor 'same' came before. (GET http://127.0.0.1" in done.stderr
    assert done.stderr.endswith("; what was printed is not the whole list; look at the control plane)\n")


@pytest.mark.parametrize(("form", "end"), [("table", "    \n"), ("json", "}\n")])
def test_a_walk_that_is_cut_short_says_so_and_prints_what_came(form: str, end: str) -> None:
    done, _ = against([answers_json(json.dumps(page("a", cursor="1"))), hangs(b"")], "list", "--all", "--format", form, "--timeout", "2s")
    assert (done.returncode, done.stdout.count("mesh.control")) == (2, 1)
    assert done.stdout.endswith(end)
    assert done.stderr.startswith("error: Shard list request timed out. (GET http://127.0.0.1")


def test_the_time_limit_holds_for_each_page() -> None:
    """Three pages that each keep the limit, and that could not keep it together."""
    waited = threading.Event()

    def answer(connection: socket.socket, request: bytes) -> None:
        number = int(request.partition(b"cursor=")[2].partition(b"&")[0] or b"0")
        waited.wait(1.2)
        answers_json(json.dumps(page("a", cursor=str(number + 1) if number < 2 else None)))(connection, request)

    done, requests = against([answer], "list", "--all", "--timeout", "3s")
    assert (done.returncode, done.stderr, len(requests)) == (0, "", 3)


def entry(position: int, **changes: Any) -> dict[str, Any]:
    return {"position": position, "current": shard("shard-0900", status=1, changeTicket="chg\n2"), **changes}


def test_changes_as_text() -> None:
    history = {"namespace": "mesh.control", "shardId": "shard-0900", "version": 7, "actor": "operator", "reason": "re\tbalance"}
    items = [entry(12, previous=shard("shard-0900", ownerNodeId="node-z"), history=history), entry(3, current=shard("x", changeTicket=" "))]
    answer = answers_json(json.dumps({"items": items, "lastPosition": 12}))
    done, requests = against([answer], "diff", "--to-version", "20", "--from-version", "0", "--status", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "[3] mesh.control/x\n  owner : (new) -> node-a (Active)\n  version: 7\n"
        "[12] mesh.control/shard-0900\n  owner : node-z -> node-a (Draining)\n  version: 7\n  ticket : chg\\n2\n"
        "  actor  : operator reason=re\\tbalance\n\nLast position: 12\n"
    )
    assert targets(requests) == ["/control/shards/diff?fromVersion=0&toVersion=20&status=Paused"]
    assert "x-mesh-scope: mesh.operate\r\n" in requests[0]
    done, _ = against([answer], "diff", "--json")
    assert [item["position"] for item in json.loads(done.stdout)["items"]] == [12, 3], "JSON keeps the order of the answer"


def test_no_changes() -> None:
    done, _ = against([answers_json('{"items":[]}')], "diff")
    assert done.stdout == "No shard diffs were found for the requested range.\n\nLast position: (none)\n"
    done, _ = against([answers_json('{"items":null,"lastPosition":null}')], "diff", "--format", "json")
    assert done.stdout == '{\n  "items": []\n}\n'


PLAN = json.dumps(
    {
        "namespace": "mesh.control", "strategyId": "ring", "generatedAt": "2024-10-02T00:00:00+00:00",
        "assignments": [{"namespace": "mesh.control", "shardId": "shard-01", "ownerNodeId": "node-b", "capacity": 1}],
        "changes": [
            {"namespace": "mesh.control", "shardId": name, "currentOwner": "node-a", "proposedOwner": "node-b", "changesOwner": True} for name in ("S2", "s1")
        ],
    }
)  # fmt: skip


def test_a_plan() -> None:
    words = ["--namespace", "mesh.control", "--node", "node-a:1.0,node-b:0.8:iad", "--node", "node-c::phx:z:1, d:1e300", "--strategy", "Ring"]
    done, requests = against([answers_json(PLAN)], "simulate", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Namespace : mesh.control\nStrategy  : ring\nGenerated : 2024-10-02T00:00:00Z\nAssignments: 1\nChanges    : 2\n\n"
        "Shard              Current            Proposed          \n"
        "s1                 node-a             node-b            \n"
        "S2                 node-a             node-b            \n"
    )
    head, _, body = requests[0].partition("\r\n\r\n")
    assert head.startswith("POST /control/shards/simulate HTTP/1.1\r\n")
    assert "\r\nx-mesh-scope: mesh.operate\r\nContent-Type: application/json; charset=utf-8\r\n" in head
    assert body == (
        '{"namespace":"mesh.control","strategyId":"Ring","nodes":[{"nodeId":"node-a","weight":1},{"nodeId":"node-b","weight":0.8,"region":"iad"},'
        '{"nodeId":"node-c","region":"phx","zone":"z:1"},{"nodeId":"d","weight":1e+300}]}'
    )
    done, _ = against([answers_json(PLAN)], "simulate", *words, "--json")
    assert json.loads(done.stdout) == json.loads(PLAN)


def test_a_plan_that_changes_nothing() -> None:
    done, _ = against([answers_json(json.dumps({**json.loads(PLAN), "changes": []}))], "simulate", "--namespace", "a", "--node", "b")
    assert done.stdout.endswith("Changes    : 0\n\nExisting owners already match the proposed plan.\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["list", "--status", "bogus", "--page-size", "0"], "Invalid shard status 'bogus'. Valid values: Active, Draining, Paused, Disabled."),
        (["diff", "--status", "Active,,Paused"], "Invalid shard status ''. Valid"),
        (["list", "--status", ""], "Invalid shard status ''. Valid"),
        (["list", "--status", "2147483648"], "Invalid shard status '2147483648'. Valid"),
        (["list", "--page-size", "0", "--timeout", "x"], "Page size must be greater than zero. (leave --page-size out"),
        (["list", "--page-size", "-5", "--all"], "Page size must be greater than zero."),
        (["list", "--page-size", "2147483648"], "Page size must fit into 32 bits."),
        (["list", "--timeout", "5"], "Could not parse timeout '5'. Add a unit"),
        (["list", "--url", "node-a"], "Invalid control-plane URL 'node-a'."),
        (["diff", "--from-version", "-1", "--to-version", "-2"], "from-version must be non-negative."),
        (["diff", "--to-version", "-2"], "to-version must be non-negative."),
        (["diff", "--from-version", "5", "--to-version", "4"], "from-version must be less than or equal to to-version."),
        (["diff", "--from-version", "9223372036854775808"], "from-version must fit into 64 bits."),
        (["diff", "--to-version", "9" * 4000], "to-version must fit into 64 bits."),
        (["simulate", "--node", ":1"], "Namespace must be provided. (add --namespace"),
        (["simulate", "--namespace", " ", "--node", "a"], "Namespace must be provided."),
        (["simulate", "--namespace", "a"], "At least one --node value must be provided (e.g. --node node-a:1.0)."),
        (["simulate", "--namespace", "a", "--node", "a,:1"], "Could not parse node ':1'. Expected nodeId[:weight[:region[:zone]]]."),
        (["simulate", "--namespace", "a", "--node", "a", "--node", ""], "Could not parse node ''. Expected"),
        (["simulate", "--namespace", "a", "--node", " , ,", "--node", ""], "Unable to parse any --node values."),
        (["simulate", "--namespace", "a", "--node", "a:x,"], "Invalid weight 'x' for node 'a'."),
        (["simulate", "--namespace", "a", "--node", "a:NaN"], "Invalid weight 'NaN' for node 'a'."),
        (["simulate", "--namespace", "a", "--node", "a:1e999"], "Invalid weight '1e999' for node 'a'."),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(words: list[str], message: str) -> None:
    requests: list[str] = []
    if "--url" in words:
        done = run(*words)
    else:
        done, requests = against([answers_json("{}")], *words)
    assert (done.returncode, done.stdout, requests) == (1, "", [])
    assert done.stderr.startswith("error: " + message)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (answers_json("", "403 Forbidden"), 1, "failed: 403 Forbidden. (VERB; the scope SCOPE is missing: look whether something on the way takes the"),
        (answers_json('{"detail":"Bad\\ncursor."}', "400 Bad Request"), 1, "failed: 400 Bad Request. Bad\\ncursor. (VERB; change what was asked for)"),
        (answers_json("", "404 Not Found"), 1, "failed: 404 Not Found. (VERB; check that --url points at a control plane)"),
        (answers_json('{"detail":"None."}', "404 Not Found"), 1, "failed: 404 Not Found. None. (VERB; omnirelay mesh shards list shows the namespaces"),
        (answers_json("null"), 1, "was empty. (VERB; the answer was JSON null)"),
        (answers_json(""), 1, "failed: the answer has no body."),
        (answers_json("[]"), 1, "failed: the answer is not as expected: $: expected an object, found an array."),
        (says(b""), 1, "failed: the connection was closed without an answer."),
        (hangs(b""), 2, "timed out. (VERB; no complete answer within 300ms"),
    ],
)
@pytest.mark.parametrize(
    ("verb", "name", "scope", "endpoint"),
    [
        (["list"], "Shard list", "mesh.read", "GET http://127.0.0.1/control/shards"),
        (["diff"], "Shard diff", "mesh.operate", "GET http://127.0.0.1/control/shards/diff"),
        (["simulate", "--namespace", "a", "--node", "b"], "Simulation", "mesh.operate", "POST http://127.0.0.1/control/shards/simulate"),
    ],
)
def test_failures_name_what_failed_where_and_what_to_do(verb: list[str], name: str, scope: str, endpoint: str, answer: Answer, code: int, message: str) -> None:
    with serving(answer) as server:
        done = run(*verb, "-u", f"http://127.0.0.1:{server.port}", "--timeout", "300ms" if code == 2 else "30s")
        told = done.stderr.replace(f":{server.port}", "")
    noun = "response " if message.startswith("was empty") else "request "
    assert (done.returncode, done.stdout) == (code, "")
    assert told.startswith("error: " + name + " " + noun + message.replace("VERB", endpoint).replace("SCOPE", scope))
    assert told.count("\n") == 1


def test_the_scope_is_declared_again_behind_a_redirect() -> None:
    moved = says(b"HTTP/1.1 303 See Other\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
    _, requests = against([moved, answers_json(PLAN)], "simulate", "--namespace", "a", "--node", "b")
    assert requests[1].startswith("GET /elsewhere HTTP/1.1\r\n")
    assert "x-mesh-scope: mesh.operate\r\n" in requests[1]
    assert "Content-Type" not in requests[1]


def test_a_reader_that_goes_ends_the_walk() -> None:
    """A pipe that is closed after the first page: no traceback, no endless fetching."""
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        answers_json(json.dumps(page(*["s" * 100] * 500, cursor=str(len(asked)))))(connection, request)

    with serving(answer) as server:
        words = [sys.executable, "-m", "omnirelay", "mesh", "shards", "list", "--all", "-u", f"http://127.0.0.1:{server.port}"]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": PATHS}
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, stdin=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            assert process.wait(50) == 1
            assert process.stderr.read() == b""


@given(st.text())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_query_reads_back(text: str) -> None:
    from urllib.parse import parse_qsl, quote

    sent = encoded((("a", text), ("b", None), ("c", " "), ("d", "1")))
    clean = text.encode("utf-8", "backslashreplace").decode()
    assert escaped(text) == quote(clean, safe="")
    assert parse_qsl(sent[1:], keep_blank_values=True) == ([("a", clean)] if text.strip() else []) + [("d", "1")]


@given(st.lists(st.text(alphabet="aActivePused,:.+-0123456789eEnN \u00a0\u0661_", max_size=12), max_size=3))
@settings(max_examples=600, deadline=None, derandomize=True)
def test_any_values_are_read_or_refused(values: list[str]) -> None:
    try:
        states = shards_filters.statuses(tuple(values))
    except Failure as failure:
        assert failure.message.startswith("Invalid shard status '")
    else:
        assert all(word in shards_filters.STATUSES or not 0 <= int(word) <= 3 for word in states.split(",") if word)
    try:
        nodes = shards_simulate.nodes(tuple(values))
    except Failure as failure:
        assert failure.exit_code == 1
    else:
        assert all(node.node_id.strip() for node in nodes)
        for node in nodes:
            assert node.weight is None or json.loads(compact(node.weight)) == node.weight


def test_large_documents_are_written_on_one_line() -> None:
    limit = json_document.LARGEST_INDENTED
    at_limit, beyond = {"a": "x" * (limit - 8)}, {"a": "ü" * (limit // 2 - 3)}
    assert len(compact(at_limit)) == limit
    assert json_document.document(at_limit).count("\n") == 3
    assert len(compact(beyond).encode()) == limit + 2
    assert json_document.document(beyond).count("\n") == 1


def test_the_words_for_a_status_are_those_of_the_contract_in_help_and_completion_too() -> None:
    names = [schema["enum"] for schema in read_document()["ShardStatus"]["oneOf"] if schema["type"] == "string"]
    assert names == [list(shards_filters.STATUSES)]
    options = [option for command in read_application().commands for option in command.options if option.name == "status"]
    assert options and all(option.offered == shards_filters.STATUSES for option in options)
    assert all(word in option.help for option in options for word in shards_filters.STATUSES)


def change(position: int) -> dict[str, Any]:
    return {"position": position, "current": shard(f"shard-{position:04}", changeTicket="chg \u00fc"), "history": None}


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 2300])
def test_a_diff_of_any_length_is_whole_and_in_order(count: int) -> None:
    body = json.dumps({"items": [change(position) for position in range(count, 0, -1)], "lastPosition": count})
    done, _ = against([answers_json(body)], "diff")
    entries = [
        f"[{number}] mesh.control/shard-{number:04}\n  owner : (new) -> node-a (Active)\n  version: 7\n  ticket : chg \u00fc\n"
        for number in range(1, count + 1)
    ]
    nothing = "" if count else "No shard diffs were found for the requested range.\n"
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "".join(entries) + nothing + f"\nLast position: {count}\n")
    done, _ = against([answers_json(body)], "diff", "--json")
    plain = {"items": [{"position": entry["position"], "current": entry["current"] | {"status": "Active"}} for entry in json.loads(body)["items"]]}
    assert json.loads(done.stdout) == plain | {"lastPosition": count}
    large = len(compact(plain | {"lastPosition": count}).encode()) > json_document.LARGEST_INDENTED
    assert (done.stdout.count("\n") == 1) == large and large == (count > 1900)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"items":[ENTRY,{"position":"2"}]}', "the answer is not as expected: $.items[1].position: expected an integer, found a string."),
        ('{"items":[ENTRY,ENTRY}', "the answer is not valid JSON: ',' or ']' is missing at line 1 column"),
        ('{"items":[{"position":"2"},ENTRY]', "the answer is not valid JSON: ',' or '}' is missing at line 1 column"),
        ('{"items":[ENTRY],"lastPosition":"x"}', "the answer is not as expected: $.lastPosition: expected an integer, found a string."),
        ('{"items":{}}', "the answer is not as expected: $.items: expected an array, found an object."),
        ("[]", "the answer is not as expected: $: expected an object, found an array."),
    ],
)
def test_a_diff_with_a_fault_prints_nothing_but_the_fault(body: str, told: str) -> None:
    for form in ("text", "json"):
        done, _ = against([answers_json(body.replace("ENTRY", json.dumps(change(1))))], "diff", "--format", form)
        assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith(f"error: Shard diff request failed: {told}"), done.stderr


def test_a_diff_with_names_in_another_case_is_read_as_ever() -> None:
    body = json.dumps({"ITEMS": [change(2), change(1)], "LastPosition": 2, "more": [[]]})
    done, _ = against([answers_json(body)], "diff")
    assert done.stdout.startswith("[1] mesh.control/shard-0001\n") and done.stdout.endswith("\n\nLast position: 2\n")
