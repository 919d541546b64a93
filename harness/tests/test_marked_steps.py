"""Marked steps of a real scenario tree: found, prepared, proven by the engine, timed by hyperfine and judged; and what keeps one from being timed."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from execute_cells import HEAD, Folder
from typer.testing import CliRunner

from harness.cli import app
from harness.marked.collect import TreeSteps, marked_steps
from harness.perf import codec
from harness.perf.record import BASELINE, INVALID, MEASURED, NOT_JUDGED, OVER, WITHIN, PerfRecord, TimedStep
from harness.perf.session import ROOT, Surroundings, measure

PROGRAM = """#!/bin/sh
case $1 in
--version) echo 1.2.3 ;;
say) shift; echo "says $* in ${PWD##*/} for $WHO at ${XDG_CONFIG_HOME##*/}" ;;
copy) while read -r line; do echo "$line"; done ;;
ask) echo "$2" > /dev/null; echo asked ;;
fail) echo no >&2; exit 3 ;;
count) echo $$ ;;
leave) echo x > "$TMPDIR/left"; echo left ;;
die) kill -9 $$ ;;
esac
"""
POSTS = f"""#!{sys.executable} -IS
import http.client, sys
if len(sys.argv) == 2:
    print("1.2.3")
else:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
    connection.request("POST", sys.argv[3], body='{{"reason": "x"}}', headers={{"content-type": "application/json"}})
    connection.getresponse().read()
    print("posted")
"""
TIMING = """format = 1
[session]
warmup = 1
least-blocks = 8
most-blocks = 8
step-seconds = 0.1
[[timing]]
id = "version"
title = "--version"
args = ["--version"]
stdout-contains = ["1"]
seconds = 0.1
"""


@dataclass(frozen=True)
class Tree:
    """A scenario tree, published artifacts of a shell program, and maybe those of the last release."""

    folder: Path
    goldens: Mapping[str, str] = field(default_factory=dict)

    def scenario(self, name: str, text: str) -> None:
        path = self.folder / "scenarios" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text)

    def publish(self, texts: Mapping[str, str], place: str = "dist", **facts: object) -> Path:
        folder = self.folder / place
        folder.mkdir()
        entries = []
        for name, text in texts.items():
            path = folder / name
            path.write_text(text)
            path.chmod(0o755)
            kind, target = name.split("-", 1)
            digest = hashlib.sha256(text.encode()).hexdigest()
            entries.append({"id": name, "kind": kind, "target": target, "path": name, "sha256": digest, "size": len(text), "version": "1.2.3", **facts})
        listed = folder / "artifacts.json"
        listed.write_text(json.dumps({"format": 1, "program": "toy", "reference": "native-any", "artifacts": entries}))
        return listed

    @contextmanager
    def marked(self) -> Iterator[TreeSteps]:
        with marked_steps(self.folder / "scenarios", Folder(self.goldens)) as marked:
            yield marked

    def measure(self, listed: Path, baseline: Path | None = None) -> PerfRecord:
        (self.folder / "timing.toml").write_text(TIMING)
        with self.marked() as marked:
            around = Surroundings(root=self.folder, cache=ROOT / ".cache", marked=marked, baseline=baseline)
            record = measure(listed, self.folder / "timing.toml", seed=3, out=self.folder / "out", progress=lambda text: None, surroundings=around)
        assert codec.read(self.folder / "out" / "perf.json") == record
        return record


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def arms(step: TimedStep) -> dict[str, tuple[str, str]]:
    assert step.program is not None
    return {arm.id: (arm.verdict, arm.reason) for arm in step.program.arms}


def test_a_marked_step_is_timed_as_the_engine_runs_it(tree: Tree) -> None:
    """Arguments of the case, the sandbox's environment and directory, standard input, a server: as in a functional run, on every artifact."""
    tree.scenario(
        "integration/a",
        """
env = { WHO = "all" }
files = { "in/x" = "1" }
[server.plane]
use = "control-plane"
data = { peers = [] }
clock = "2025-01-02T03:04:05Z"
[[case]]
id = "one"
word = "hello"
[[case]]
id = "two"
word = "a b"
[[step]]
id = "unmarked"
run = ["say"]
stdout.ignore = "not looked at"
[[step]]
id = "say"
run = ["say", "${case.word}"]
env = { WHO = "me" }
cwd = "in"
stdout.equals = "says ${case.word} in in for me at .config\\n"
repeat = { times = 3 }
budget.wall.p50 = { native = "1000 x hello" }
budget.wall.max = { native = "1h", reflective = "1h" }
budget.rss.max = { native = "1KiB" }
report = "Words"
[[step]]
id = "copy"
run = ["copy"]
stdin = "${case.word}\\n"
stdout.equals = "${case.word}\\n"
budget.wall.max = { jit = "1h" }
[[step]]
id = "ask"
run = ["ask", "${plane.url}"]
stdout.equals = "asked\\n"
budget.wall.max = { native = "1h" }
""",
    )
    record = tree.measure(tree.publish({"native-any": PROGRAM, "jit-any": f"{PROGRAM}# another\n", "reflective-any": PROGRAM}, development=False))
    assert [(step.case, step.step) for step in record.steps] == [(case, step) for case in ("one", "two") for step in ("say", "copy", "ask")]
    for step in record.steps:
        assert step.reason == ""
        assert arms(step) == dict.fromkeys(("native-any", "jit-any", "reflective-any", "control", "hello"), (MEASURED, ""))
        assert {row.arm for row in step.memory} == ({"native-any", "jit-any", "reflective-any", "hello"} if step.step == "say" else set())
    say = record.steps[0]
    assert say.program is not None
    assert (say.heading, say.at.rpartition(":")[0].endswith("integration/a.toml"), say.program.args) == ("Words", True, ("say", "${case.word}"))
    verdicts = {budget.title: budget.verdict for budget in record.budgets if "::one" in budget.title and " / " not in budget.title}
    assert verdicts == {
        "integration/a::one say: max of native-any": WITHIN,
        "integration/a::one say: max of reflective-any": WITHIN,
        "integration/a::one say: peak memory of native-any": OVER,
        "integration/a::one copy: max of jit-any": WITHIN,
        "integration/a::one ask: max of native-any": WITHIN,
    }
    assert len(record.budgets) == 12


def test_what_does_not_hold_on_its_own_is_never_timed(tree: Tree) -> None:
    limit = 'budget.wall.max = { native = "1h" }\n'
    steps = {
        "golden": 'run = ["--version"]\nstdout.snapshot = true\n',
        "silent": 'run = ["--version"]\n',
        "fails": 'run = ["fail"]\n',
        "leaks": 'run = ["leave"]\nstdout.equals = "left\\n"\n',
        "dies": 'run = ["die"]\nexit = "signal:KILL"\n',
        "lacks": 'run = ["--version"]\nstdout.contains = "version"\nneeds = ["wings"]\n',
        "changes": 'run = ["count"]\nstdout.matches = "[0-9]+"\n',
        "right": 'run = ["fail"]\nexit = 3\nstderr.contains = "no"\n',
    }
    for number, (name, text) in enumerate(steps.items()):
        tree.scenario(f"unit/s{number}", f'[[step]]\nid = "{name}"\n{text}{limit}')
    tree.scenario("unit/wrong", "[[step]]\nrun = []\nbudget.wall = {}\n")
    record = tree.measure(tree.publish({"native-any": PROGRAM}))
    reasons = {step.step: arms(step)["native-any"] for step in record.steps}
    alone = "the step does not hold when it is run by itself: "
    assert reasons["right"] == (MEASURED, "")
    assert all(verdict == INVALID for name, (verdict, _) in reasons.items() if name != "right")
    assert reasons["golden"][1].startswith(f"{alone}there is no golden for stdout yet")
    assert reasons["silent"][1] == f"{alone}stdout must be empty: the step does not mention it"
    assert reasons["fails"][1].startswith(f"{alone}exit 3 instead of exit 0 (and 1 more)")
    assert reasons["leaks"][1] == f"{alone}a temporary file was left behind: <tmp>/left"
    assert reasons["dies"][1] == "it ends by signal KILL; only runs that end by themselves are timed"
    assert reasons["lacks"][1].startswith("unsupported: needs wings")
    assert reasons["changes"][1] == "a timed run wrote other output than before in warm-up block -1"
    golden = next(step for step in record.steps if step.step == "golden")
    assert arms(golden)["hello"] == (INVALID, "no artifact is timed here") and golden.memory == ()
    assert {budget.verdict for budget in record.budgets} == {WITHIN, NOT_JUDGED}
    assert [(row.what.endswith("wrong.toml"), row.why) for row in record.not_run] == [(True, "the file has mistakes: conformance lint names them")]


def test_a_command_that_changes_its_server_is_never_timed(tree: Tree) -> None:
    """Nothing in its file says so: the server itself tells."""
    tree.scenario(
        "integration/a",
        """
[server.plane]
use = "control-plane"
data = { peers = [] }
clock = "2025-01-02T03:04:05Z"
[[step]]
id = "drain"
run = ["post", "${plane.port}", "/control/upgrade/drain"]
stdout.equals = "posted\\n"
budget.wall.max = { native = "1h" }
[[step]]
id = "read"
run = ["post", "${plane.port}", "/nowhere"]
stdout.equals = "posted\\n"
budget.wall.max = { native = "1h" }
""",
    )
    record = tree.measure(tree.publish({"native-any": POSTS}))
    drain, read = (arms(step)["native-any"] for step in record.steps)
    assert drain == (INVALID, "it changes what server plane holds (POST /control/upgrade/drain), so no two runs are alike")
    assert read == (MEASURED, "")


def test_a_wrong_artifact_leaves_the_others_alone(tree: Tree) -> None:
    tree.scenario("unit/a", '[[step]]\nid = "v"\nrun = ["--version"]\nstdout.equals = "<version>\\n"\nbudget.wall.max = { native = "1h", jit = "1h" }\n')
    record = tree.measure(tree.publish({"native-any": PROGRAM, "jit-any": PROGRAM.replace("1.2.3", "1.2.4")}))
    (step,) = record.steps
    found = arms(step)
    assert found["native-any"] == (MEASURED, "") and found["jit-any"][0] == INVALID
    assert [budget.verdict for budget in record.budgets] == [WITHIN, NOT_JUDGED]


def test_the_last_release_runs_beside(tree: Tree) -> None:
    tree.scenario(
        "unit/a",
        '[[step]]\nid = "v"\nrun = ["say"]\nenv = { WHO = "x" }\nstdout.contains = "says"\n'
        'budget.baseline = { against = "last-release", wall.p50 = "+1000%", rss.max = "+1000%" }\n',
    )
    listed = tree.publish({"native-any": PROGRAM, "jit-any": PROGRAM})
    released = tree.publish({"native-any": f"{PROGRAM}# before\n", "frozen-any": PROGRAM}, "release")
    record = tree.measure(listed, released)
    (step,) = record.steps
    assert step.program is not None
    assert [(arm.id, arm.label) for arm in step.program.arms if arm.role == BASELINE] == [("last-release-native-any", "native-any of 1.2.3")]
    assert [facts.id for facts in record.baseline] == ["native-any", "frozen-any"]
    rows = {budget.title.removeprefix("unit/a v: "): budget for budget in record.budgets}
    assert rows["p50 of native-any / last release"].value is not None
    assert rows["peak memory of native-any / last release"].verdict == WITHIN
    assert rows["p50 of jit-any / last release"].reason == "the last release has no jit-any that runs here"
    assert len(rows) == 4
    assert {budget.reason.partition(":")[0] for budget in tree.measure(listed).budgets} == {"the artifacts of the last release were not given"}


def test_a_step_without_surroundings_is_a_row(tree: Tree) -> None:
    tree.scenario(
        "integration/a", '[server.plane]\nuse = "control-plane"\nclock = "never"\n[[step]]\nid = "v"\nrun = []\nbudget.wall.max = { native = "1h" }\n'
    )
    record = tree.measure(tree.publish({"native-any": PROGRAM}))
    (step,) = record.steps
    assert step.program is None and step.reason.startswith("its surroundings could not be had: ")
    assert [(budget.verdict, budget.reason) for budget in record.budgets] == [(NOT_JUDGED, step.reason)]


def test_an_artifact_for_development_takes_part_where_a_limit_names_it(tree: Tree) -> None:
    for name, kinds in (("a", 'native = "1h"'), ("b", 'reflective = "1h"')):
        tree.scenario(f"unit/{name}", f'[[step]]\nrun = ["--version"]\nstdout.equals = "<version>\\n"\nbudget.wall.max = {{ {kinds} }}\n')
    record = tree.measure(tree.publish({"native-any": PROGRAM, "reflective-any": PROGRAM}, development=True))
    assert ["reflective-any" in arms(step) for step in record.steps] == [False, True]


def test_steps_that_only_limit_leaks_are_not_timed(tree: Tree) -> None:
    tree.scenario("unit/a", '[[step]]\nrun = ["leave"]\nstdout.ignore = "x"\nbudget.leaks.temp-files = 1\n')
    with tree.marked() as marked:
        assert marked.steps == () and marked.left_out == ()


def test_a_last_release_that_is_not_there_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    listed = tmp_path / "artifacts.json"
    done = CliRunner().invoke(app, ["time", "--baseline", str(listed), "--out", str(tmp_path / "out")])
    assert (done.exit_code, done.output) == (
        1,
        f"error: --baseline {listed}: there is no such file; it is the artifacts.json that was published with the last release\n",
    )
    assert not (tmp_path / "out").exists()
