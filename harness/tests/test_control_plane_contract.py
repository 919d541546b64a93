"""schemathesis, with every check that the contract leaves room for, finds nothing in the running control plane."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.servers.client import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "cli" / "generator" / "openapi.yaml"
PATHS = (
    "/control/peers",
    "/omnirelay/control/peers",
    "/control/upgrade",
    "/control/upgrade/drain",
    "/control/upgrade/resume",
    "/control/shards",
    "/control/shards/diff",
    "/control/shards/watch",
    "/control/shards/simulate",
    "/omnirelay/introspect",
    "/healthz",
    "/readyz",
)
SHARD_OPERATIONS = (
    ("/control/shards", "get"),
    ("/control/shards/diff", "get"),
    ("/control/shards/watch", "get"),
    ("/control/shards/simulate", "post"),
)
CONFIGURATION = """
# The contract documents 500 for a body that cannot be used, and 503 for what is not available; both count as findings by default.
[[operations]]
include-path = "/control/upgrade/drain"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 500]

[[operations]]
include-path = "/control/shards/simulate"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 500]

[[operations]]
include-path-regex = "peers|introspect|healthz|readyz"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 503]
"""
DATA: dict[str, object] = {
    "ready": {
        "localNodeId": "node-a",
        "peers": [
            {"nodeId": "node-a", "status": "Alive", "metadata": {"role": "control", "labels": {"env": "test"}}},
            {"nodeId": "node-b", "status": "Suspect", "lastSeen": "2024-09-30T23:59:55+00:00", "rttMs": 2.1, "metadata": {"http3Support": False}},
        ],
        "shards": [
            {"namespace": "mesh.control", "shardId": "shard-0001", "ownerNodeId": "node-a", "leaderId": "node-a", "changeTicket": "chg-1"},
            {"namespace": "mesh.integration", "shardId": "shard-000", "ownerNodeId": "node-b", "status": "Paused", "history": [{"ownerNodeId": "node-a"}, {}]},
        ],
    },
    "failing": {"peers": None, "introspect": None, "upgrade": {"participants": [{"name": "a", "fail": "no"}, {"name": "b"}]}},
    "failing-with-an-error": {"upgrade": {"participants": [{"name": "a", "fail": "no", "failAs": "error"}]}, "introspect": {"status": "Stopping"}},
}


STATUS = "([Aa]ctive|ACTIVE|[Dd]raining|[Pp]aused|[Dd]isabled|[0-3])"


def contract() -> dict[str, Any]:
    """The contract with what it says of shards in words only, or in words against its own schema, as schema."""
    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    document["components"]["parameters"]["ShardStatusFilter"]["schema"]["pattern"] = f"^({STATUS}([ ,;]+{STATUS}){{0,3}})?$"
    listing, diff, watch, simulate = (document["paths"][path][verb] for path, verb in SHARD_OPERATIONS)
    size = next(parameter for parameter in listing["parameters"] if parameter.get("name") == "pageSize")
    del size["schema"]["maximum"]  # "values above 500 mean 500"
    cursor = next(parameter for parameter in listing["parameters"] if parameter.get("name") == "cursor")
    cursor["schema"] = {"enum": ["", cursor["example"]]}
    for operation in (diff, simulate):
        operation["parameters"][0] = {"name": "x-mesh-scope", "in": "header", "required": True, "schema": {"const": "mesh.operate"}}
    order = document["components"]["schemas"]["ShardSimulationRequest"]["properties"]
    order["namespace"] = {"enum": ["mesh.integration", "mesh.none"]}
    order["strategyId"] = {"enum": ["rendezvous", "Ring", "LOCALITY", None]}
    order["nodes"]["items"]["properties"]["nodeId"]["pattern"] = r"\S"
    event = {"type": "object", "required": ["id", "event", "data"], "properties": {"event": {"const": "shard.diff"}, "data": {"type": "string"}}}
    watch["responses"]["200"]["content"]["text/event-stream"] = {"schema": event}
    simulate["responses"]["500"] = {"description": "a body that cannot be read is an empty answer, inferred as for drain"}
    return document


@pytest.mark.parametrize(("state", "enums"), [("ready", "names"), ("failing", "numbers"), ("failing-with-an-error", "names")])
def test_the_contract_is_kept(tmp_path: Path, state: str, enums: str) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    document = tmp_path / "contract.json"
    document.write_text(json.dumps(contract(), default=str))
    server = ServerProcess.start("control-plane")
    try:
        server.reset(data=DATA[state], enums=enums)
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run", str(document), "--url", server.url]
        # unsupported_method wants 405; the contract says 404 with an empty body, and test_control_plane_routes.py holds it to that.
        checks = ["--checks", "all", "--exclude-checks", "unsupported_method"]
        options = [*checks, "--continue-on-failure", "--max-examples", "30", "--seed", "1", "--generation-database", "none", "--no-color"]
        paths = [argument for path in PATHS for argument in ("--include-path", path)]
        done = subprocess.run([*command, *options, *paths], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"Selected: {len(PATHS)}/" in done.stdout and f"Tested: {len(PATHS)}" in done.stdout, done.stdout
        assert {entry["path"] for entry in server.requests()} >= set(PATHS)
    finally:
        server.stop()
