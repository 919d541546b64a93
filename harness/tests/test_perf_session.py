"""A whole session over another program than omnirelay: real files, a real server, hyperfine, the launcher; and every way in which it must refuse."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.artifacts import ArtifactError
from harness.model.artifact import Artifact
from harness.perf import codec
from harness.perf.errors import NothingToMeasureError, ServerError, TimingLockError
from harness.perf.lock import functional_lock
from harness.perf.record import INVALID, MEASURED, NOT_JUDGED, OVER, WITHIN, PerfRecord
from harness.perf.session import ROOT, Surroundings, measure
from harness.transport.base import Transport
from harness.transport.local import LocalTransport
from harness.transport.registry import host_target, transport_for

SEED = 5
GREET = '#!/bin/sh\ncase $1 in --version) echo 1.2.3;; *) echo "greets $1";; esac\n'
SERVER = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        wanted = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200 if wanted == {"people": 2} else 400)
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
url = f"http://127.0.0.1:{server.server_address[1]}"
print(json.dumps({"format": 1, "ready": True, "url": url, "admin": url}), flush=True)
server.serve_forever()
"""
TIMING = """format = 1
[session]
warmup = 1
least-blocks = 8
most-blocks = 8
[[server]]
id = "people"
argv = ["${python}", "SERVER"]
reset = { people = 2 }
[[reference]]
id = "hello"
label = "static C hello"
source = "hello"
[[reference]]
id = "absent"
label = "a tool nobody has"
argv = ["no-such-tool-anywhere"]
[[reference]]
id = "bare"
label = "its interpreter"
argv = ["${jit-any.interpreter}", "-c", "exit 0"]
[[reference]]
id = "unpublished"
label = "the interpreter of nothing"
argv = ["${frozen-any.interpreter}", "-c", "exit 0"]
[[timing]]
id = "version"
title = "--version"
args = ["--version"]
stdout-contains = ["1.2.3"]
reference = ["hello", "absent", "bare", "unpublished"]
memory = true
[[timing]]
id = "greet"
title = "greet"
args = ["${people.url}"]
server = "people"
stdout-contains = ["greets http://127.0.0.1:"]
reference = ["hello"]
"""
BUDGETS = """format = 1
[[budget]]
id = "ratio"
title = "--version / static C hello"
metric = "time-ratio"
timing = "version"
numerator = "native-any"
denominator = "hello"
at-most = 1000
[[budget]]
id = "size"
title = "size"
metric = "size"
artifact = "native-any"
at-most = 0.000001
[[budget]]
id = "memory"
title = "memory"
metric = "peak-memory"
timing = "version"
artifact = "native-any"
at-most = 64
[[budget]]
id = "absent"
title = "to a tool nobody has"
metric = "time-ratio"
timing = "version"
numerator = "native-any"
denominator = "absent"
at-most = 1
[[budget]]
id = "emulated"
title = "emulated"
metric = "time-ratio"
timing = "version"
numerator = "native-far"
denominator = "hello"
at-most = 1000
"""


@dataclass(frozen=True)
class Emulator:
    """Starts programs as they are, under another name than the local transport: what a qemu transport looks like from outside."""

    name: str = "emulator"
    lacks: frozenset[str] = frozenset()

    def serves(self, target: str, host: str) -> bool:
        return True

    def argv(self, artifact: Artifact, arguments: Sequence[str]) -> tuple[str, ...]:
        return LocalTransport().argv(artifact, arguments)


def transport(artifact: Artifact) -> Transport:
    return Emulator() if artifact.target == "far" else transport_for(artifact)


@dataclass
class Place:
    """A program's published artifacts and its timing file in a folder of their own."""

    folder: Path
    entries: list[dict[str, object]]

    def publish(self, kind: str, target: str, text: str) -> Path:
        path = self.folder / f"{kind}-{target}"
        path.write_text(text)
        path.chmod(0o755)
        data = path.read_bytes()
        self.entries.append(
            {
                "id": path.name,
                "kind": kind,
                "target": target,
                "path": path.name,
                "sha256": hashlib.sha256(data).hexdigest(),
                "size": len(data),
                "version": "1.2.3",
            }
        )
        return path

    def measure(self, seed: int = SEED) -> PerfRecord:
        listed = self.folder / "artifacts.json"
        listed.write_text(json.dumps({"format": 1, "program": "greet", "reference": "native-any", "artifacts": self.entries}))
        around = Surroundings(root=self.folder, cache=ROOT / ".cache", budgets=self.folder / "budgets.toml", transport=transport)
        return measure(listed, self.folder / "timing.toml", seed=seed, out=self.folder / "out", progress=lambda text: None, surroundings=around)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "timing.toml").write_text(TIMING.replace("SERVER", str(tmp_path / "server.py")))
    (tmp_path / "budgets.toml").write_text(BUDGETS)
    return Place(tmp_path, [])


def test_a_session_measures_what_is_right_and_says_what_is_not(place: Place) -> None:
    place.publish("native", "any", GREET)
    place.publish("jit", "any", GREET + "# slower on purpose\n")
    place.publish("liar", "any", GREET.replace("1.2.3", "1.2.3 or so"))
    place.publish("broken", "any", GREET.replace("echo 1.2.3", "exit 7"))
    place.publish("native", "far", GREET)
    place.publish("native", "win-x64", GREET)
    record = place.measure()
    version, greet = record.timings
    verdicts = {arm.id: (arm.verdict, arm.reason) for arm in version.arms}
    assert verdicts == {
        "native-any": (MEASURED, ""),
        "jit-any": (MEASURED, ""),
        "liar-any": (INVALID, "stdout differs from that of native-any"),
        "broken-any": (INVALID, "exit code 7, wanted 0"),
        "native-far": (MEASURED, ""),
        "control": (MEASURED, ""),
        "hello": (MEASURED, ""),
        "bare": (MEASURED, ""),
    }
    assert all(arm.verdict == MEASURED and len(arm.samples) == 8 for arm in greet.arms)
    assert [arm.id for arm in version.arms if arm.emulated] == ["native-far"]
    assert {row.arm for row in record.memory.rows if row.verdict == MEASURED} == {"native-any", "jit-any", "native-far", "hello", "bare"}
    assert {(row.what, row.why.partition(";")[0]) for row in record.not_run} == {
        ("timing of native-win-x64", f"artifacts for win-x64 cannot run on this host ({host_target()}"),
        ("reference line a tool nobody has", "not run: install no-such-tool-anywhere"),
        ("reference line the interpreter of nothing", "not run: frozen-any is not published here, or its file names no interpreter"),
    }
    assert codec.read(place.folder / "out" / "perf.json") == record
    judged = {budget.id: budget.verdict for budget in record.budgets}
    # Eight blocks of noise fail the control now and then, and then the ratio must not be judged.
    assert judged == {"ratio": WITHIN if version.trusted else NOT_JUDGED, "size": OVER, "memory": WITHIN, "absent": NOT_JUDGED, "emulated": NOT_JUDGED}
    reasons = {budget.id: budget.reason for budget in record.budgets if budget.reason and budget.id != "ratio"}
    assert reasons == {"absent": "absent was not timed in version", "emulated": "native-far ran emulated, which is never judged"}


def test_a_file_that_was_changed_after_publishing_is_never_timed(place: Place) -> None:
    path = place.publish("native", "any", GREET)
    path.write_text(GREET.replace("\n", f"\ntouch {place.folder}/it-ran\n", 1))
    with pytest.raises(ArtifactError, match=r"native-any.*is not the file that was published"):
        place.measure()
    assert not (place.folder / "it-ran").exists()
    assert not (place.folder / "out").exists()


def test_a_file_that_changes_while_it_is_timed_voids_the_session(place: Place) -> None:
    place.publish("native", "any", '#!/bin/sh\n[ $1 = --version ] || echo \'# changed\' >> "$0"\necho "1.2.3 greets $1"\n')
    with pytest.raises(ArtifactError, match="is not the file that was published"):
        place.measure()
    assert not (place.folder / "out").exists()


def test_nothing_that_can_run_here_is_an_error(place: Place) -> None:
    place.publish("native", "win-x64", GREET)
    with pytest.raises(NothingToMeasureError, match="no artifact can be started on this host: timing of native-win-x64"):
        place.measure()


def test_nothing_is_timed_while_cells_run(place: Place) -> None:
    place.publish("native", "any", GREET)
    with functional_lock(place.folder), pytest.raises(TimingLockError):
        place.measure()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import sys; sys.exit('no such peer')", "ended before it was ready; it said: no such peer"),
        ("print('hello', flush=True)", "printed something else than its ready line"),
        (SERVER.replace('{"people": 2}', '{"people": 3}'), "refused its declared state with 400"),
    ],
    ids=["dies", "babbles", "refuses"],
)
def test_a_server_that_does_not_come_up_is_named(place: Place, text: str, message: str) -> None:
    place.publish("native", "any", GREET)
    (place.folder / "server.py").write_text(text)
    with pytest.raises(ServerError, match=f"server 'people'.*{message}"):
        place.measure()


def test_the_same_seed_plans_the_same_session(place: Place) -> None:
    place.publish("native", "any", GREET)
    first, second = place.measure(), place.measure()
    assert [arm.id for arm in first.timings[0].arms] == [arm.id for arm in second.timings[0].arms]
    assert replace(first, created="", seconds=0, timings=(), memory=second.memory, budgets=(), host=second.host) == replace(
        second, created="", seconds=0, timings=(), budgets=()
    )
