"""``bench-engine.json`` is read strictly: a whole session or one error that names the place; the page can be made from it again, and compared."""

from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from harness.bench import file, page
from harness.bench.against import changes, other_facts
from harness.bench.goals import goals
from harness.bench.memory import Peaks
from harness.bench.record import FORMAT, Ahead, Footprint, Record, Sizes, Timed
from harness.cli import app
from harness.perf.errors import RecordError
from harness.perf.host import HostFacts
from harness.perf.record import Overhead
from harness.perf.results import level_of
from harness.perf.stats import Estimate, Interval

HOST = HostFacts("linux-x64", "Debian", "6.1", "glibc 2.36", "a processor", 2, 2, 8000, True, 0.1, "3.11.7")


def timed(name: str, cases: int, *seconds: float) -> Timed:
    level = level_of(seconds)
    assert level is not None
    return Timed(name, cases, seconds, level)


def sample(scale: float = 1.0) -> Record:
    """A session in which every command takes ``scale`` times as long as in the plain one."""
    runs = tuple(scale * (1 + number / 1000) for number in range(8))
    half = tuple(run / 2 for run in runs)
    record = Record(
        FORMAT,
        whole=True,
        seed=1,
        command="conformance bench-engine --seed 1",
        host=HOST,
        versions=(("Python", "3.11.7"), ("bats", "Bats 1.8.2")),
        sizes=Sizes(),
        timed=(timed("conformance --collect-only", 10_000, *runs), timed("conformance", 1000, *runs), timed("conformance -n 2", 1000, *half)),
        contest=(timed("conformance", 500, *half), timed("bats", 500, *runs)),
        ahead=(Ahead("conformance", "bats", Estimate(0.5, Interval(0.4, 0.6), Interval(0.3, 0.7), 8), True),),
        overhead=Overhead(8, 200, 3.0, 2.0, Estimate(1.0, Interval(0.9, 1.1), None, 8)),
        memory=(Footprint("conformance", 50_000, Peaks(200_000, (200_000, 100), 200_100)),),
        missing=(("prysk", "not installed"),),
        goals=(),
    )
    return replace(record, goals=goals(record))


def test_the_schema_is_the_generated_one() -> None:
    assert file.SCHEMA.read_text(encoding="utf-8") == file.schema_text(), "run python -m harness.bench.file"


def test_what_is_written_reads_back_equal_and_makes_the_same_page(tmp_path: Path) -> None:
    record = sample()
    written = page.write(record, tmp_path / "a")
    again = file.read(written.with_suffix(".json"))
    assert again == record
    assert page.write_page(again, tmp_path / "b").read_bytes() == written.read_bytes()
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["bench-engine.md"]


def document() -> Any:
    return json.loads(file.dumps(sample()))


def _broken(place: list[str | int], value: object) -> bytes:
    found = node = document()
    for step in place[:-1]:
        node = node[step]
    if value is None:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return json.dumps(found).encode()


BROKEN = {
    "empty": (b"", "line 1, column 1"),
    "not utf-8": (b'{"format": "\xff"}', "UTF-8"),
    "a list": (b"[]", "top level"),
    "twice": (b'{"format": 1, "format": 1}', "format"),
    "nothing of it": (b'{"format": 1}', "required"),
    "another format": (_broken(["format"], 2), "format 2, only 1 is known"),
    "no host": (_broken(["host"], None), "'host' is a required property"),
    "unknown key": (_broken(["extra"], 1), "extra"),
    "no runs": (_broken(["timed", 0, "seconds"], []), "timed[0].seconds"),
    "no time": (_broken(["timed", 1, "level", "median"], 0), "timed[1].level.median"),
    "cases as text": (_broken(["contest", 0, "cases"], "500"), "contest[0].cases"),
    "a flag for a number": (_broken(["seed"], True), "seed"),
    "a word of its own": (_broken(["goals", 0, "direction"], "around"), "goals[0].direction"),
    "a row of three": (_broken(["versions", 0], ["a", "b", "c"]), "versions[0]"),
    "a bar in a table": (_broken(["memory", 0, "id"], "a | b"), "memory[0].id"),
    "the same twice": (_broken(["timed", 1, "id"], "conformance -n 2"), "timed: 'conformance -n 2' is there twice"),
    "too large": (b" " * (file.FILE_LIMIT + 1), "more than"),
    "too deep": (b"[" * 100_000, "deep"),
    "a huge number": (_broken(["timed", 0, "seconds", 0], 10**400), "timed[0].seconds[0]"),
}


@pytest.mark.parametrize(("data", "where"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_one_error_that_names_the_place(data: bytes, where: str, tmp_path: Path) -> None:
    path = tmp_path / "bench-engine.json"
    path.write_bytes(data)
    with pytest.raises(RecordError) as caught:
        file.read(path)
    assert str(caught.value).startswith(f"{path}: ") and where in str(caught.value)
    result = CliRunner().invoke(app, ["bench-engine", "--from", str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert result.output.startswith("error: ") and "Traceback" not in result.output
    assert not (tmp_path / "out").exists(), "nothing is half-written"


EARLIER = sample()
JSON = st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5), st.lists, max_leaves=4)


@settings(deadline=None)  # a loaded machine is no fault of the reader
@given(st.data())
def test_any_change_of_a_file_gives_a_session_that_makes_a_page_or_an_error(data: st.DataObject) -> None:
    found = node = copy.deepcopy(document())
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(JSON)
    with contextlib.suppress(RecordError):
        record = file.loads(json.dumps(found).encode(), "x")
        assert all(isinstance(line, str) for line in (*page.lines(record), *page.summary(record, EARLIER), *page.against(record, EARLIER)))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(RecordError):
        file.loads(data, "x")


def test_a_session_is_compared_with_an_earlier_one() -> None:
    verdicts = {name: [item.verdict for item in changes(sample(scale), sample())] for name, scale in (("same", 1.0), ("slow", 1.5), ("fast", 0.5))}
    assert verdicts == {"same": ["no difference to be seen"] * 5, "slow": ["slower"] * 5, "fast": ["faster"] * 5}
    few = replace(sample(), timed=(timed("conformance", 1000, 1.0),), contest=())
    assert [(item.id, item.verdict) for item in changes(few, sample())] == [("conformance", "too few runs")]
    other = replace(sample(), timed=(timed("conformance", 10, 1.0),), contest=())
    assert list(changes(other, sample())) == []
    assert "No command was timed in both" in "\n".join(page.against(other, sample()))


def test_another_machine_is_told() -> None:
    other = replace(sample(), host=replace(HOST, cpu="another processor", load_before=3.0))
    assert other_facts(other, sample()) == ("cpu a processor then, another processor now",)
    assert "says nothing about the engine: cpu" in "\n".join(page.against(other, sample()))


def test_the_command_compares_and_tells_what_is_slower(tmp_path: Path) -> None:
    for name, scale in (("then", 1.0), ("now", 2.0)):
        page.write(sample(scale), tmp_path / name)
    options = ["--from", str(tmp_path / "now" / "bench-engine.json"), "--against", str(tmp_path / "then" / "bench-engine.json"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, ["bench-engine", *options])
    assert "slower       conformance: 1.00 2.01 2.00 [" in result.output, result.output
    assert "| conformance --collect-only | 1.00 | 2.01 | 2.00 [" in (tmp_path / "out" / "bench-engine.md").read_text()
    assert result.exit_code == 1, "a goal is missed: bench prysk was not there"


@pytest.mark.parametrize("option", [["--seed", "7"], ["--scale", "0.5"]])
def test_options_of_a_measurement_are_refused_where_nothing_is_measured(option: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench-engine", "--from", str(tmp_path / "bench-engine.json"), *option, "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert result.output == "error: --from measures nothing, so --seed and --scale have no effect; leave them out\n"
