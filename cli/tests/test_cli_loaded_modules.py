"""The modules that each verb loads, compared with the committed list: start-up time is mostly their number.

The processes run without site packages and without the environment. `loaded-modules.json` is the list; a change in it is
a decision about start-up time. It is also the proof of the gears: a verb that the declaration calls `core` loads nothing but
the package and what is built into the core stage, one that it calls `full` needs more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli_loopback import answers_json, serving

from cli.generator.reading import read_application

CLI = Path(__file__).parents[1]
COMMITTED: dict[str, list[str]] = json.loads(Path(__file__).with_name("loaded-modules.json").read_text(encoding="utf-8"))

# What is linked into the native program. Whether an interpreter has loaded one of these at its start depends on its
# version. `__future__` costs one small file where bytecode runs and nothing where it is compiled.
BUILT_IN = {"__future__", "_json", "_socket", "_signal", "errno", "posix", "time"}

PROBE = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
from omnirelay.__main__ import run
code = run(sys.argv[2:])
import posix
posix.write(2, ("\\0" + " ".join(sorted(set(sys.modules) - before))).encode())
posix._exit(code)
"""

PEERS = '{"schemaVersion":"v1","generatedAt":"2024-10-01T00:00:00Z","localNodeId":"a","peers":[]}'
STATE = '{"state":"Drained","updatedAt":"2024-10-01T00:00:00Z","participants":[]}'
SNAPSHOT = '{"service":"a","status":"Running"}'
SHARD = (
    '{"namespace":"a","shardId":"s","strategyId":"ring","ownerNodeId":"n","capacityHint":1,"status":0,"version":1,"checksum":"0",'
    '"updatedAt":"2024-10-01T00:00:00Z"}'
)
SHARDS = '{"items":[' + SHARD + '],"version":1}'
CHANGES = '{"items":[{"position":1,"current":' + SHARD + "}]}"
PLAN = '{"namespace":"a","strategyId":"ring","generatedAt":"2024-10-01T00:00:00Z","assignments":[],"changes":[]}'


RUNS = [
    ("--version", "", 0), ("--help", "", 0), ("mesh peers list --help", "", 0), ("mesh peers list --bogus", "", 1), ("mesh peers list", PEERS, 0),
    ("mesh peers list --format json", PEERS, 0), ("mesh upgrade status", STATE, 0), ("mesh upgrade drain", STATE, 0), ("mesh upgrade resume", STATE, 0),
    ("mesh shards list", SHARDS, 0), ("mesh shards list --json", SHARDS, 0), ("mesh shards list --all --json", SHARDS, 0), ("mesh shards diff", CHANGES, 0),
    ("mesh shards simulate --namespace a --node b:1", PLAN, 0), ("introspect", SNAPSHOT, 0), ("introspect --format json", SNAPSHOT, 0),
    ("explain -- mesh peers list", "", 0), ("completion bash", "", 0), ("completion zsh", "", 0), ("completion fish", "", 0), ("completion pwsh", "", 0),
    ("completion candidates peers", PEERS, 0), ("completion candidates namespaces", SHARDS, 0), ("completion candidates shards", SHARDS, 0),
]  # fmt: skip
GEARS = {command.path: command.work.gear for command in read_application().commands if command.work}


def test_every_verb_is_run_here() -> None:
    assert {path for path in GEARS if any(("omnirelay " + words + " ").startswith(path + " ") for words, _, _ in RUNS)} == GEARS.keys()


@pytest.mark.parametrize(("words", "answer", "code"), RUNS)
def test_modules_of_a_verb(words: str, answer: str, code: int, tmp_path: Path) -> None:
    with serving(answers_json(answer)) as server:
        url = ["--url", f"http://127.0.0.1:{server.port}"] if answer else []
        command = [sys.executable, "-I", "-S", "-c", PROBE, str(CLI), *words.split(" "), *url]
        environment = {"HOME": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment, timeout=50, check=False)
    assert done.returncode == code, done.stderr
    loaded = done.stderr.partition("\0")[2].split(" ")
    ours = [name for name in loaded if name.startswith("omnirelay")]
    gear = next((gear for path, gear in GEARS.items() if ("omnirelay " + words + " ").startswith(path + " ")), "front")
    slow = set(loaded) - set(ours) - BUILT_IN
    assert bool(slow) == (gear == "full"), f"declared as {gear}, but loads {sorted(slow)}"
    assert ours == COMMITTED[words]
