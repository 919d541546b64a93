"""The start-up ledger: its readers take any bytes, its figures repeat, and growth is found with its culprit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.startup import judge as judging
from harness.startup import modules, record, tools
from harness.startup.errors import StartupError
from harness.startup.plan import read_plan
from harness.startup.profile import Symbols, parse_profile
from harness.startup.record import Count, Ledger, Row
from harness.startup.session import Wanted, take
from harness.startup.trace import parse_trace

ROOT = Path(__file__).resolve().parents[2]
PLAN = ROOT / "scenarios" / "startup.toml"
LEDGER = ROOT / "reports" / "startup-ledger.json"
MANIFEST = ROOT / "dist" / "artifacts.json"

ROW = Row("list", "native-any", "", 1000, ("a", "b"), ("/x",), (Count("open", 60), Count("read", 40)), (Count("main", 600), Count("free", 400)))
WHOLE = Ledger(1, "any", ("valgrind-3",), (ROW, replace(ROW, artifact="jit-any", interpreter="cpython 3.11.7 abc")))


def judged(**changes: object) -> judging.Verdict:
    return judging.judge(WHOLE, [replace(ROW, **changes)])[0]  # type: ignore[arg-type]  # the fields of a row, by name


def test_the_committed_ledger_has_a_row_for_each_run_and_no_other() -> None:
    plan = read_plan(PLAN)
    ledger = record.read(LEDGER)
    assert record.dumps(ledger) == LEDGER.read_text(encoding="utf-8"), "written by conformance startup --update and not by hand"
    artifacts = sorted({row.artifact for row in ledger.rows})
    assert artifacts == ["frozen-linux-x64", "jit-linux-x64", "native-linux-x64", "reflective-linux-x64"]
    assert {(row.run, row.artifact) for row in ledger.rows} == {(run.id, name) for run in plan.runs for name in artifacts}
    assert not [path for row in ledger.rows for path in row.files if path.startswith(("/root", "/home", str(ROOT)))], "a path of one machine"


def test_every_verb_has_a_run() -> None:
    document = json.loads((ROOT / "docs" / "reference" / "omnirelay.json").read_text(encoding="utf-8"))
    verbs = {command["path"].split(" ", 1)[1] for command in document["commands"] if command["kind"] == "verb"}
    runs = [" ".join(run.args) for run in read_plan(PLAN).runs if run.exit == 0 and "--help" not in run.args]
    assert [verb for verb in sorted(verbs) if not any(run.startswith(verb) for run in runs)] == []


def test_the_schema_is_that_of_the_types() -> None:
    assert record.SCHEMA.read_text(encoding="utf-8") == record.schema_text(), "run: python -m harness.startup.record"


def test_a_ledger_reads_back_equal() -> None:
    assert record.loads(record.dumps(WHOLE).encode(), "x") == WHOLE


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"format": 1', '"format": 2', "x: format 2, only 1 is known"),
        ('"instructions": 1000', '"instructions": 0', r"x: rows\[0\]\.instructions: 0 is less"),
        ('"count": 60', '"count": "60"', r"x: rows\[0\]\.calls\[0\]\.count: '60' is not of type"),
        ('"jit-any"', '"native-any"', "x: list of native-any has two rows"),
        ('"files"', '"flies"', r"x: rows\[0\]: Additional properties|is a required property"),
        ('"program": "any"', '"program": "any", "program": "b"', "occurs twice"),
        ("]\n}\n", "]\n", "x: not JSON"),
    ],
)
def test_a_ledger_that_is_not_right_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    text = record.dumps(WHOLE)
    assert old in text
    with pytest.raises(StartupError, match=message):
        record.loads(text.replace(old, new, 1).encode(), "x")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.binary(max_size=60) | st.builds(lambda at, byte: record.dumps(WHOLE).encode()[:at] + byte, st.integers(0, 900), st.binary(max_size=2)))
def test_any_bytes_give_a_ledger_or_an_error(data: bytes) -> None:
    try:
        record.loads(data, "x")
    except StartupError as error:
        assert str(error).startswith("x: ")


def test_growth_is_found_and_its_culprit_named() -> None:
    assert judged().standing == judging.WITHIN
    assert judged(instructions=1020).standing == judging.WITHIN
    assert judged(instructions=1021, functions=(Count("main", 601), Count("hash", 20))).lines == (
        "1,021 instructions, 1,000 before (+2.1 %); most of it in hash (+20), main (+1)",
    )
    assert judged(modules=("a", "b", "re")).lines == ("3 modules, 2 before; new: re",)
    assert judged(files=("/x", "/etc/passwd")).lines == ("2 files, 1 before; new: /etc/passwd",)
    assert judged(calls=(Count("open", 63), Count("read", 40))).lines == ("103 system calls, 100 before; more of open (+3)",)
    assert judged(instructions=980, modules=("a",)).standing == judging.WITHIN


def test_what_has_shrunk_is_no_fault_but_said_so_that_it_cannot_grow_back_unseen() -> None:
    found = judged(instructions=979, modules=("a",))
    assert (found.standing, found.bad) == (judging.SHRUNK, False)
    assert found.lines == ("979 instructions, 1,000 before (-2.1 %); conformance startup --update makes that the new mark",)
    assert judged(instructions=900, modules=("a", "b", "re")).standing == judging.GROWN


def test_a_row_is_judged_only_under_its_interpreter_and_a_new_run_needs_one() -> None:
    found = judging.judge(WHOLE, [replace(WHOLE.rows[1], interpreter="cpython 3.12.1 def", instructions=9999)])[0]
    assert (found.standing, found.bad) == (judging.NOT_JUDGED, False)
    assert found.lines == ("recorded under cpython 3.11.7 abc, runs here under cpython 3.12.1 def",)
    assert judged(run="other").bad


PROFILE = """version: 1
positions: line
events: Ir
fl=(1) a.c
fn=(1) main
1 10
+3 5
cfn=(2) work
calls=2 0
4 700
fn=(2)
* 300
fn=(3) work'2
0x1f 50
fn=(4) 0x0000000000401010
0 7
""".splitlines()


def test_a_profile_counts_what_each_function_did_itself() -> None:
    found = parse_profile(PROFILE, Symbols((0x401000, 0x402000), ("inner", "outer")))
    assert found.functions == {"main": 15, "work": 350, "inner": 7}
    assert found.instructions == 372
    assert found.dearest(0.03) == [("work", 350), ("main", 15)]
    assert ("0x0000000000401010", 7) in parse_profile(PROFILE, Symbols()).functions.items()
    assert not [name for name, _ in parse_profile(PROFILE, Symbols()).dearest(0) if name.startswith("0x")]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PROFILE) | st.text(max_size=20), max_size=30))
def test_any_profile_gives_a_value_or_an_error(lines: list[str]) -> None:
    try:
        found = parse_profile(lines, Symbols())
    except StartupError:
        return
    assert found.instructions == sum(found.functions.values())


TRACE = r"""7 execve("/bin/\303\251", ["x"], 0x7 /* 2 vars */) = 0
7 openat(AT_FDCWD, "/a b\"c", O_RDONLY) = 3
7 openat(AT_FDCWD, "/gone", O_RDONLY) = -1 ENOENT (No such file or directory)
7 lseek(3, 100, SEEK_SET)               = 100
8 lseek(3, 200, SEEK_SET)               = 200
7 read(3, "x) = 9", 4096) = 6
7 --- SIGPIPE {si_signo=SIGPIPE} ---
7 getrandom("\0", 24, GRND_NONBLOCK) = 32 (INJECTED)
7 exit_group(0)                           = ?
""".splitlines()


def test_a_trace_has_calls_files_programs_and_places() -> None:
    found = parse_trace(TRACE)
    assert found.files == ['/a b"c']
    assert found.programs == ["/bin/é"]
    assert found.seeks == {'/a b"c': [100]}
    assert found.calls == {"execve": 1, "openat": 2, "lseek": 2, "read": 1, "getrandom": 1, "exit_group": 1}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(TRACE) | st.text(max_size=30), max_size=20))
def test_any_trace_gives_a_value(lines: list[str]) -> None:
    parse_trace(lines)


def test_modules_are_named_from_files_and_initialisers() -> None:
    files = ["/p/lib/python3.11/site-packages/om/__pycache__/__init__.cpython-311.pyc", "/p/lib/python3.11/site-packages/om/r/__pycache__/x.cpython-311.pyc",
             "/p/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so", "/elsewhere/__pycache__/y.cpython-311.pyc", "/p/lib/libz.so.1"]  # fmt: skip
    assert modules.of_files(files, ["/p/lib/python3.11/site-packages", "/p/lib/python3.11/lib-dynload"]) == ["om", "om.r.x", "_json"]
    assert modules.of_functions(["PyInit_9omnirelay", "PyInit_9omnirelay__6render__6tables", "PyInit__socket", "main"]) == [
        "omnirelay",
        "omnirelay.render.tables",
        "_socket",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('server = "plane"', 'server = "plain"', "run 'mesh-peers-list' talks to server 'plain', which is not declared; declared: plane"),
        ('id = "help"', 'id = "version"', "two \\[\\[run\\]\\] are called 'version'"),
        ('args = ["--help"]', 'args = ["${url}"]', r"run 'help' uses \$\{url\}, which nothing provides"),
        ('args = ["--help"]', 'args = ["--help"]\nbound = true', r"run\[3\]\.bound: unknown key"),
    ],
)
def test_a_mistake_in_the_plan_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = PLAN.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "plan.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StartupError, match=message):
        read_plan(tmp_path / "plan.toml")


NEEDS_TOOLS = pytest.mark.skipif(not all(shutil.which(name) for name in ("valgrind", "strace", "setarch")), reason="not run: install valgrind and strace")


def foreign(folder: Path, text: str) -> Path:
    """A published program of another kind: a shell script, with the list that names it."""
    import hashlib

    script = folder / "greet"
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    entry: Mapping[str, object] = {
        "id": "native-any", "kind": "native", "target": "any", "path": "greet", "sha256": hashlib.sha256(script.read_bytes()).hexdigest(),
        "size": script.stat().st_size, "version": "1",
    }  # fmt: skip
    (folder / "artifacts.json").write_text(json.dumps({"format": 1, "program": "greet", "reference": "native-any", "artifacts": [entry]}), encoding="utf-8")
    (folder / "plan.toml").write_text('format = 1\n[[run]]\nid = "greet"\nargs = ["x"]\n', encoding="utf-8")
    return folder / "artifacts.json"


@NEEDS_TOOLS
def test_two_counts_of_one_file_are_equal_and_a_new_file_is_found(tmp_path: Path) -> None:
    ledger, plan = tmp_path / "ledger.json", tmp_path / "plan.toml"
    manifest = foreign(tmp_path, '#!/bin/sh\ntest -n "$1"\n')
    said: list[str] = []
    assert take(ROOT, plan, manifest, ledger, Wanted(), update=True, say=said.append) == 0
    first = ledger.read_text(encoding="utf-8")
    assert take(ROOT, plan, manifest, ledger, Wanted(), update=True, say=said.append) == 0
    assert ledger.read_text(encoding="utf-8") == first
    assert take(ROOT, plan, manifest, ledger, Wanted(), update=False, say=said.append) == 0
    manifest = foreign(tmp_path, '#!/bin/sh\ntest -n "$1"\nread -r line < /etc/passwd\nfor i in 1 2 3 4 5 6 7 8 9; do test -n "$i"; done\n')
    said.clear()
    assert take(ROOT, plan, manifest, ledger, Wanted(), update=False, say=said.append) == 1
    assert any("new: /etc/passwd" in line for line in said), said
    assert any("instructions" in line and "before (+" in line for line in said), said


@NEEDS_TOOLS
def test_what_varies_from_process_to_process_is_answered_the_same(tmp_path: Path) -> None:
    """The parent's number is a word that dash formats at its start: with the real one a count depends on how many processes the machine has started."""
    manifest = foreign(tmp_path, '#!/bin/sh\ntest "$PPID" = 1000\n')
    assert take(ROOT, tmp_path / "plan.toml", manifest, tmp_path / "ledger.json", Wanted(), update=True, say=print) == 0


@NEEDS_TOOLS
def test_a_wrong_answer_is_never_counted(tmp_path: Path) -> None:
    manifest = foreign(tmp_path, "#!/bin/sh\necho oh no >&2\nexit 3\n")
    with pytest.raises(StartupError, match="greet of native-any: exit code 3, wanted 0; it said: oh no"):
        take(ROOT, tmp_path / "plan.toml", manifest, tmp_path / "ledger.json", Wanted(), update=True, say=print)


def test_a_selection_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    manifest = foreign(tmp_path, "#!/bin/sh\n")
    with pytest.raises(StartupError, match="there is no artifact 'nativ'; known: native-any"):
        take(ROOT, tmp_path / "plan.toml", manifest, tmp_path / "ledger.json", Wanted(("nativ",)), update=True, say=print)


@NEEDS_TOOLS
@pytest.mark.skipif(not MANIFEST.exists(), reason="not run: publish first")
def test_what_is_published_has_not_grown() -> None:
    """All runs of the native program, some of the others: half a minute at most."""
    said: list[str] = []
    assert take(ROOT, PLAN, MANIFEST, LEDGER, Wanted(bounded=True), update=False, say=said.append) == 0, "\n".join(said)


def test_the_tools_are_named_with_their_versions() -> None:
    if shutil.which("valgrind") and shutil.which("strace"):
        assert [name.split(" ")[0].partition("-")[0] for name in tools.locate().versions] == ["valgrind", "strace"]
