"""What a report may not do: mix two builds, pass on nothing, praise what is not proven, act on text, or reach for the network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.artifacts import NotRun
from harness.model.verdict import Verdict
from harness.perf import codec
from harness.perf.errors import ArtifactChangedError, NothingToMeasureError
from harness.perf.record import Conformance, ConformanceRow, PerfRecord, Ratio, TierCount
from harness.perf.stats import Estimate, Interval
from harness.report import events, plot
from harness.report.conformance import conformance_of, left_out
from harness.report.headline import headline
from harness.report.html import html
from harness.report.markdown import LIMIT, markdown
from harness.report.marking import escaped
from harness.report.render import write_report

SESSION = codec.read(Path(__file__).with_name("data_report") / "session.json")
NASTY = "</title><script>alert(1)</script> & \" ' | `x` [a](http://example.org) <b>"


def functional(record: PerfRecord) -> Conformance:
    rows = tuple(ConformanceRow(a.id, a.sha256, a.version, 3, 0, 0, 0, 0) for a in record.artifacts if not a.development)
    return Conformance(3, (TierCount("unit", 3),), rows, (), ())


def test_a_functional_run_over_another_build_is_refused(tmp_path: Path) -> None:
    good = functional(SESSION)
    other = replace(good, rows=(replace(good.rows[0], sha256="0" * 64), *good.rows[1:]))
    with pytest.raises(ArtifactChangedError, match=f"{good.rows[0].artifact}: tested was the file with SHA-256 000"):
        write_report(SESSION, other, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_runs_without_a_common_artifact_are_refused(tmp_path: Path) -> None:
    strange = replace(functional(SESSION), rows=(ConformanceRow("native-other", "0" * 64, "1", 3, 0, 0, 0, 0),))
    with pytest.raises(NothingToMeasureError, match="no artifact was both tested"):
        write_report(SESSION, strange, tmp_path / "out")


def test_what_only_one_run_had_becomes_a_row(tmp_path: Path) -> None:
    good = functional(SESSION)
    gone, *rest = good.rows
    shown = write_report(SESSION, replace(good, rows=(*rest, ConformanceRow("jit-elsewhere", "0" * 64, "1", 3, 0, 0, 0, 0))), tmp_path)
    assert NotRun(f"conformance of {gone.artifact}", "the functional run did not select it") in left_out(shown)
    assert NotRun("timing of jit-elsewhere", "it was tested, but not among the artifacts that were timed") in left_out(shown)
    assert "jit-elsewhere" in (tmp_path / "report.md").read_text()


def test_a_missing_functional_run_is_said_aloud(tmp_path: Path) -> None:
    shown = write_report(SESSION, None, tmp_path)
    assert headline(shown)[0] == "The scenarios were not run for this report."
    assert "The scenarios were not run for this report." in (tmp_path / "report.md").read_text()


def _events(path: Path, verdicts: list[Verdict]) -> Path:
    cells = tuple(events.CellEvent("scenarios/unit/a.toml", f"case-{number}", "native-any", "unit", "must", verdict) for number, verdict in enumerate(verdicts))
    events.write(path, events.Run("greet", (events.ArtifactEvent("native-any", "0" * 64, "1.2.3"),), cells))
    return path


def test_counts_come_from_the_event_file(tmp_path: Path) -> None:
    path = _events(tmp_path / "events.jsonl", [*Verdict, Verdict.PASSED])
    found = conformance_of(events.read(path), path)
    assert found.rows == (ConformanceRow("native-any", "0" * 64, "1.2.3", 2, 1, 1, 1, 1),)
    assert (found.cases, found.tiers) == (6, (TierCount("unit", 6),))
    assert len(found.failures) == 2


def test_a_run_without_its_end_or_without_a_cell_is_refused(tmp_path: Path) -> None:
    path = _events(tmp_path / "events.jsonl", [Verdict.PASSED])
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(events.MissingFooter):
        events.read(path)
    empty = _events(tmp_path / "empty.jsonl", [])
    with pytest.raises(NothingToMeasureError, match=r"empty\.jsonl: the functional run holds no cell"):
        conformance_of(events.read(empty), empty)


def _with_estimate(record: PerfRecord, estimate: Estimate, *, trusted: bool = True) -> PerfRecord:
    """The session with only its last program left, its base artifact against curl as given."""
    program = record.timings[-1]
    arms = tuple(replace(arm, emulated=False) if arm.id == record.base else arm for arm in program.arms)
    return replace(record, timings=(replace(program, arms=arms, ratios=(Ratio(record.base, "curl", estimate),), trusted=trusted),))


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.7, 0.8, "is faster than curl -s"), (1.1, 1.3, "is slower than curl -s"), (0.9, 1.05, "cannot be told apart from curl -s")]
)
def test_a_comparison_is_worded_by_its_interval(low: float, high: float, word: str) -> None:
    estimate = Estimate((low + high) / 2, Interval(low, high), Interval(low, high), 40)
    assert word in headline(_with_estimate(SESSION, estimate))[-1]


def _untrusted(record: PerfRecord, estimate: Estimate) -> PerfRecord:
    return _with_estimate(record, estimate, trusted=False)


def _emulated(record: PerfRecord, estimate: Estimate) -> PerfRecord:
    found = _with_estimate(record, estimate)
    arms = tuple(replace(arm, emulated=True) for arm in found.timings[0].arms)
    return replace(found, timings=(replace(found.timings[0], arms=arms),))


def _too_few(record: PerfRecord, estimate: Estimate) -> PerfRecord:
    return _with_estimate(record, replace(estimate, at95=None))


@pytest.mark.parametrize("change", [_untrusted, _emulated, _too_few])
def test_what_is_not_proven_is_not_in_the_headline(change: Callable[[PerfRecord, Estimate], PerfRecord]) -> None:
    estimate = Estimate(0.5, Interval(0.4, 0.6), Interval(0.4, 0.6), 40)
    assert not any("curl" in sentence for sentence in headline(replace(change(SESSION, estimate), budgets=())))


class Page(HTMLParser):
    """Collects what a browser would act on, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "action", "data") or name.startswith("on")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def nasty(record: PerfRecord) -> PerfRecord:
    program = replace(record.timings[0], title=NASTY, arms=tuple(replace(arm, label=NASTY) for arm in record.timings[0].arms))
    budgets = tuple(replace(budget, title=NASTY, reason=NASTY) for budget in record.budgets)
    return replace(record, program=NASTY, command=NASTY, timings=(program, *record.timings[1:]), budgets=budgets, not_run=(NotRun(NASTY, NASTY),))


@pytest.mark.parametrize("record", [SESSION, nasty(SESSION)], ids=["plain", "nasty"])
def test_the_page_is_whole_and_reaches_for_nothing(record: PerfRecord) -> None:
    text = html(record)
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.loads == []
    assert not page.tags & {"script", "link", "img", "iframe", "object", "b", "a"}
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    assert "url(" not in style[0]
    assert "@import" not in style[0]
    assert style[0].count("{") == style[0].count("}")


@pytest.mark.parametrize("record", [SESSION, nasty(SESSION), replace(SESSION, timings=())], ids=["plain", "nasty", "empty"])
def test_the_plots_are_well_formed_and_say_in_words_what_they_show(record: PerfRecord) -> None:
    for svg in (plot.forest(record), plot.levels(record), plot.standalone(plot.forest(record))):
        root = ElementTree.fromstring(svg)
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.findtext(f"{space}title")
        assert root.findtext(f"{space}desc")


@given(st.text(max_size=60))
def test_escaped_text_stays_in_its_table_cell(text: str) -> None:
    out = escaped(text)
    assert "\n" not in out
    assert "<" not in out
    assert re.search(r"(?<!\\)(?:\\\\)*\|", out) is None
    assert "](" not in out


def test_a_very_long_report_drops_the_details_first() -> None:
    arm = SESSION.timings[0].arms[0]
    program = replace(SESSION.timings[0], arms=tuple(replace(arm, label=f"arm {number} {'x' * 2000}") for number in range(60)))
    text = markdown(replace(SESSION, timings=(program,)))
    assert len(text) < LIMIT
    assert "## Budgets" in text
    assert "## Start-up" not in text


def test_the_report_record_is_valid_json_for_others(tmp_path: Path) -> None:
    write_report(SESSION, functional(SESSION), tmp_path)
    assert json.loads((tmp_path / "perf.json").read_text())["conformance"]["cases"] == 3
    assert codec.read(tmp_path / "perf.json").conformance == functional(SESSION)
