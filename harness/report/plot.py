"""The two plots as SVG written by hand: ratios with their intervals, and levels from zero. No script, no network, light and dark, with a text alternative.

Each function returns a whole ``<svg>`` element whose colours come from classes; ``STYLE`` gives these classes their colours, in a page
or, through ``standalone``, inside the file itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from harness.perf.record import ARTIFACT, CONTROL, MEASURED, Arm, PerfRecord, TimedProgram
from harness.perf.stats import Estimate
from harness.report import figures

WIDTH = 880
LABEL = 250
VALUE = 130
ROW = 24
HEAD = 32
LEFT, RIGHT = LABEL + 10, WIDTH - VALUE - 10

STYLE = """
.plot text{font:13px system-ui,sans-serif;fill:var(--ink,#1c2430);paint-order:stroke;stroke:var(--paper,#fff);stroke-width:4px;stroke-linejoin:round}
.plot .head{font-weight:600}
.plot .small{font-size:11px;fill:var(--soft,#5b6675)}
.plot .grid{stroke:var(--line,#d9dee6);stroke-width:1}
.plot .one{stroke:var(--soft,#5b6675);stroke-width:1;stroke-dasharray:3 3}
.plot .limit{stroke:var(--bad,#b3261e);stroke-width:2}
.plot .s0{--c:var(--s0,#0b6aa2)}.plot .s1{--c:var(--s1,#b65c00)}.plot .s2{--c:var(--s2,#3f7d20)}.plot .s3{--c:var(--s3,#7a4fb0)}.plot .s4{--c:var(--s4,#7b8694)}
.plot .bar{fill:var(--c);opacity:.22}.plot .spread{stroke:var(--c);stroke-width:1.5}.plot .span{stroke:var(--c);stroke-width:6}.plot .dot{fill:var(--c)}
"""
DARK = "--paper:#12171e;--ink:#e6eaf0;--soft:#9aa6b5;--line:#323c49;--bad:#ff8a80;--s0:#5cb8f0;--s1:#f0a050;--s2:#8cc96a;--s3:#b897ec;--s4:#8d99a8"
SERIES = 4
REFERENCE_SERIES = 4


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of the forest plot: a label, an estimate, and the limit that a budget sets on it."""

    label: str
    series: int
    estimate: Estimate
    limit: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading."""

    title: str
    rows: tuple[ForestRow, ...]


def forest(record: PerfRecord) -> str:
    """Ratio of each artifact to each reference with its 95 % interval, on a logarithmic axis; a red tick marks a budget's limit."""
    groups = tuple(group for program in record.timings for group in _groups(record, program))
    estimates = [row.estimate for group in groups for row in group.rows]
    if not estimates:
        return _empty("Ratios to the reference lines", "No ratio could be measured.")
    limits = [row.limit for group in groups for row in group.rows if row.limit is not None]
    low = min(1.0, *limits, *(estimate.at95.low if estimate.at95 else estimate.value for estimate in estimates))
    high = max(1.0, *limits, *(estimate.at95.high if estimate.at95 else estimate.value for estimate in estimates))
    axis = LogAxis(low / 1.15, high * 1.15)
    body: list[str] = []
    y = 8
    for group in groups:
        y += HEAD
        body.append(_text(0, y - 10, group.title, "head"))
        for row in group.rows:
            body += _forest_row(row, y, axis)
            y += ROW
    grid = [
        part
        for tick in axis.ticks()
        for part in _tick(axis.place(tick), figures.number(tick) if tick < 1 else f"{tick:g}", 30, y, "one" if tick == 1 else "grid")
    ]
    description = "; ".join(f"{group.title}, {row.label}: {figures.ratio(row.estimate)}" for group in groups for row in group.rows)
    return _svg("Ratios to the reference lines", description, y + 26, [*grid, *body])


def levels(record: PerfRecord) -> str:
    """Median of each arm with its interval, bar from zero, thin line from the 5th to the 95th percentile."""
    programs = [(program, [arm for arm in program.arms if arm.role != CONTROL and arm.level is not None]) for program in record.timings]
    body: list[str] = []
    texts: list[str] = []
    y = 8
    for program, arms in programs:
        if not arms:
            continue
        y += HEAD
        body.append(_text(0, y - 10, program.title, "head"))
        highest = max(arm.level.p95 for arm in arms if arm.level is not None) or 1.0
        for arm in arms:
            body += _level_row(record, arm, y, highest)
            texts.append(f"{program.title}, {arm.label}: {figures.level_ms(arm.level)}")
            y += ROW
    if not texts:
        return _empty("Start-up times", "Nothing could be timed.")
    return _svg("Start-up times", "; ".join(texts), y + 12, body)


def standalone(svg: str) -> str:
    """The plot as a file of its own, with its colours inside."""
    style = f"<style>{STYLE}.plot{{background:var(--paper,#fff)}}@media(prefers-color-scheme:dark){{.plot{{{DARK}}}}}</style>"
    head, end, rest = svg.partition("<title")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{style}{end}{rest}\n'


@dataclass(frozen=True, slots=True)
class LogAxis:
    """A logarithmic axis over the plot's width."""

    low: float
    high: float

    def place(self, value: float) -> float:
        share = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return LEFT + share * (RIGHT - LEFT)

    def ticks(self) -> list[float]:
        """1, 2, 5 and their decimal multiples within the axis; only powers of ten when those would be too many."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        steps = (1, 2, 5) if last - first <= 4 else (1,)
        every = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        return [tick for tick in every if self.low <= tick <= self.high]


def _groups(record: PerfRecord, program: TimedProgram) -> list[Group]:
    found: list[Group] = []
    for reference in program.arms:
        rows = [_row(record, program, arm, reference.id) for arm in program.arms if arm.role == ARTIFACT and not arm.emulated]
        kept = tuple(row for row in rows if row is not None)
        if kept:
            found.append(Group(f"{program.title} / {reference.label}", kept))
    return found


def _row(record: PerfRecord, program: TimedProgram, arm: Arm, reference: str) -> ForestRow | None:
    role = program.arm(reference)
    ratio = program.ratio(arm.id, reference)
    if role is None or role.role == ARTIFACT or role.role == CONTROL or ratio is None or ratio.estimate is None:
        return None
    return ForestRow(arm.label, _series(record, arm), ratio.estimate, _limit(record, program, arm.id, reference))


def _limit(record: PerfRecord, program: TimedProgram, numerator: str, denominator: str) -> float | None:
    """The limit of the budget whose measured value is this very ratio."""
    ratio = program.ratio(numerator, denominator)
    if ratio is None or ratio.estimate is None:
        return None
    return next((budget.limit for budget in record.budgets if budget.unit == "x" and budget.value == ratio.estimate.value), None)


def _series(record: PerfRecord, arm: Arm) -> int:
    places = [artifact.id for artifact in record.artifacts]
    return places.index(arm.id) % SERIES if arm.id in places else REFERENCE_SERIES


def _forest_row(row: ForestRow, top: float, axis: LogAxis) -> list[str]:
    middle = top + ROW / 2
    parts = [_text(12, middle + 4, row.label), _text(RIGHT + 12, middle + 4, figures.ratio(row.estimate), "small")]
    if row.estimate.at95 is not None:
        parts.append(_line(axis.place(row.estimate.at95.low), middle, axis.place(row.estimate.at95.high), middle, f"span s{row.series}"))
    if row.limit is not None:
        place = axis.place(row.limit)
        parts.append(_line(place, top + 2, place, top + ROW - 2, "limit"))
    parts.append(f'<circle class="dot s{row.series}" cx="{axis.place(row.estimate.value):.1f}" cy="{middle:.1f}" r="4.5"/>')
    return parts


def _level_row(record: PerfRecord, arm: Arm, top: float, highest: float) -> list[str]:
    level = arm.level
    assert level is not None
    assert arm.verdict == MEASURED
    middle = top + ROW / 2
    name = f"s{_series(record, arm)}"

    def place(value: float) -> float:
        return LEFT + value / highest * (RIGHT - LEFT)

    parts = [
        _text(12, middle + 4, f"{arm.label}{' (emulated)' if arm.emulated else ''}"),
        _text(RIGHT + 12, middle + 4, figures.level_ms(level), "small"),
        f'<rect class="bar {name}" x="{LEFT:.1f}" y="{top + 4:.1f}" width="{place(level.median) - LEFT:.1f}" height="{ROW - 8}"/>',
        _line(place(level.p5), middle, place(level.p95), middle, f"spread {name}"),
    ]
    if level.low is not None and level.high is not None:
        parts.append(_line(place(level.low), middle, place(level.high), middle, f"span {name}"))
    parts.append(f'<circle class="dot {name}" cx="{place(level.median):.1f}" cy="{middle:.1f}" r="4"/>')
    return parts


def _tick(x: float, text: str, top: float, bottom: float, name: str) -> list[str]:
    return [_line(x, top, x, bottom, name), f'<text class="small" x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{escape(text)}</text>']


def _line(x1: float, y1: float, x2: float, y2: float, name: str) -> str:
    return f'<line class="{name}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, name: str = "") -> str:
    kind = f' class="{name}"' if name else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _svg(title: str, description: str, height: float, body: Sequence[str]) -> str:
    head = f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label={quoteattr(title)}>'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<desc>{escape(description)}</desc>", *body, "</svg>"])


def _empty(title: str, text: str) -> str:
    return _svg(title, text, 40, [_text(0, 24, text)])
