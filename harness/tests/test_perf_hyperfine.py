"""The stopwatch reads both schemas of hyperfine, refuses everything else, and runs the commands in the order it is given."""

from __future__ import annotations

import json
import os
import select
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.perf import hyperfine
from harness.perf.errors import ToolError
from harness.perf.hyperfine import Command, Reading
from harness.perf.place import Place

# As hyperfine 1.20.0 and 2.0.0 wrote them, cut to what identifies the schema.
V1 = {
    "results": [
        {"command": "one", "mean": 0.00256, "stddev": None, "times": [0.002563933], "memory_usage_byte": [2826240], "exit_codes": [0]},
        {"command": "two", "mean": 0.00103, "stddev": None, "times": [0.00103406], "memory_usage_byte": [2957312], "exit_codes": [1]},
    ]
}


def _second(name: str, value: float, code: int) -> dict[str, object]:
    clock = {"value": value, "unit": "second"}
    return {"command": f"/bin/{name}", "name": name, "measurements": [{"time_wall_clock": clock, "exit_code": code}], "summary": {}}


V2 = {"schema_version": 2, "metadata": {"hyperfine_version": "2.0.0"}, "results": [_second("one", 0.002563933, 0), _second("two", 0.00103406, 1)]}
EXPECTED = (Reading("one", 2_563_933, 0), Reading("two", 1_034_060, 1))


@pytest.mark.parametrize("document", [V1, V2], ids=["schema 1", "schema 2"])
def test_both_schemas_read_the_same(document: object) -> None:
    assert hyperfine.read_results(json.dumps(document), ["one", "two"]) == EXPECTED


@pytest.mark.parametrize("document", [V1, V2], ids=["schema 1", "schema 2"])
@pytest.mark.parametrize("names", [["two", "one"], ["one"], ["one", "two", "three"]])
def test_results_of_other_commands_are_refused(document: object, names: list[str]) -> None:
    with pytest.raises(ToolError, match="hyperfine wrote"):
        hyperfine.read_results(json.dumps(document), names)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema_version": 3, "results": []}',
        '{"results": [{"command": "one", "times": [0.1, 0.2], "exit_codes": [0, 0]}]}',
        '{"results": [{"command": "one", "times": [0], "exit_codes": [0]}]}',
        '{"results": [{"command": "one", "times": [NaN], "exit_codes": [0]}]}',
        '{"results": [{"command": "one", "times": [1e999], "exit_codes": [0]}]}',
        '{"results": [{"command": "one", "times": [0.1], "exit_codes": [null]}]}',
        '{"schema_version": 2, "results": [{"name": "one", "measurements": [{"time_wall_clock": {"value": 1, "unit": "ms"}, "exit_code": 0}]}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_measurement_is_refused(text: str) -> None:
    with pytest.raises(ToolError, match="hyperfine wrote"):
        hyperfine.read_results(text, ["one"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
RESULT = st.fixed_dictionaries(
    {}, optional={"command": JSON | st.just("one"), "name": JSON | st.just("one"), "times": JSON, "exit_codes": JSON, "measurements": JSON}
)
DOCUMENT = st.fixed_dictionaries(
    {}, optional={"schema_version": st.sampled_from([1, 2, True, "2"]) | JSON, "results": st.lists(RESULT | JSON, max_size=2) | JSON}
)


@given(st.text(max_size=40) | DOCUMENT.map(json.dumps))
def test_any_text_gives_readings_or_a_named_error(text: str) -> None:
    try:
        readings = hyperfine.read_results(text, ["one"])
    except ToolError:
        return
    assert all(reading.nanoseconds > 0 for reading in readings)


def _logger(folder: Path, name: str, code: int) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {name} >> {folder}/log\nprintf '%s' \"$*\"\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_a_block_runs_each_command_once_in_the_given_order(tmp_path: Path) -> None:
    commands = [
        Command(name, (str(_logger(tmp_path, name, code)), "two words", "{brace}", "it's"), tmp_path / f"{name}.out")
        for name, code in (("b", 0), ("c", 3), ("a", 0))
    ]
    readings = hyperfine.run_block(hyperfine.locate(), commands, place=Place(tmp_path, {"PATH": "/usr/bin:/bin"}), limit=60)
    assert [(reading.name, reading.exit) for reading in readings] == [("b", 0), ("c", 3), ("a", 0)]
    assert (tmp_path / "log").read_text().split() == ["b", "c", "a"]
    assert (tmp_path / "c.out").read_text() == "two words {brace} it's"


def test_the_environment_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKED", "yes")
    command = Command("env", ("/usr/bin/env",), tmp_path / "out")
    hyperfine.run_block(hyperfine.locate(), [command], place=Place(tmp_path, {"PATH": "/usr/bin", "KEPT": "1"}), limit=60)
    names = {line.partition("=")[0] for line in (tmp_path / "out").read_text().splitlines()}
    assert "KEPT" in names
    assert "LEAKED" not in names


def test_a_program_that_hangs_is_killed_with_its_block(tmp_path: Path) -> None:
    sleeper = tmp_path / "sleeper"
    sleeper.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    sleeper.chmod(0o755)
    command = Command("sleeper", (str(sleeper),), tmp_path / "out")
    with pytest.raises(ToolError, match=r"sleeper.*hangs"):
        hyperfine.run_block(hyperfine.locate(), [command], place=Place(tmp_path, {"PATH": "/usr/bin:/bin"}), limit=3)
    pid = int((tmp_path / "pid").read_text())
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    # A kill takes effect a moment later; a program that nobody killed sleeps on, well beyond this.
    ended, _, _ = select.select([process], [], [], 20)
    os.close(process)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    assert ended, "the program outlived its block"


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no-such-program"):
        hyperfine.run_block(hyperfine.locate(), [Command("x", ("/no-such-program",), tmp_path / "out")], place=Place(tmp_path, {}), limit=60)
