"""A recorded session gives the same Markdown, HTML and SVG to the byte; after a wanted change, UPDATE_REPORT_GOLDENS=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.artifacts import NotRun
from harness.perf import codec
from harness.perf.record import Conformance, ConformanceRow, PerfRecord, TierCount
from harness.report.headline import five_lines
from harness.report.render import write_report

DATA = Path(__file__).with_name("data_report")
FILES = ("report.md", "report.html", "start-up.svg", "perf.json")


def conformance_of(record: PerfRecord) -> Conformance:
    """A functional run over the shipped artifacts of the session: one cell failed, one is expected to."""
    rows = tuple(
        ConformanceRow(a.id, a.sha256, a.version, passed=41, failed=int(a.kind == "jit"), expected_failure=int(a.kind != "jit"), unsupported=0, harness_error=0)
        for a in record.artifacts
        if not a.development and not a.emulated
    )
    failures = ("scenarios/feature/upgrade/drain-resume.toml::rolling[jit-linux-x64]",)
    return Conformance(42, (TierCount("feature", 12), TierCount("unit", 30)), rows, failures, (NotRun("the jq scenarios", "not run: install jq"),))


@pytest.mark.parametrize("name", FILES)
def test_a_recorded_session_renders_to_the_byte(tmp_path: Path, name: str) -> None:
    record = codec.read(DATA / "session.json")
    write_report(record, conformance_of(record), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    text = (tmp_path / name).read_text(encoding="utf-8")
    golden = DATA / name
    if os.environ.get("UPDATE_REPORT_GOLDENS") == "1":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_the_summary_has_five_lines(tmp_path: Path) -> None:
    record = codec.read(DATA / "session.json")
    whole = write_report(record, conformance_of(record), tmp_path)
    lines = five_lines(whole)
    assert len(lines) == 5
    assert [line.split("  ")[0] for line in lines] == ["conformance", "start-up", "size", "budgets", "not run"]
    assert not any("\n" in line for line in lines)
