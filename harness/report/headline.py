"""The sentences that are read first; each is made from verdicts and intervals, none is written by hand."""

from __future__ import annotations

from harness.perf.record import BORDERLINE, MEASURED, NOT_JUDGED, OVER, REFERENCE, WITHIN, BudgetResult, PerfRecord, Ratio, TimedProgram
from harness.report import figures
from harness.report.conformance import left_out

NAMED = 6
"""Budgets of one verdict that a sentence names; the table has all of them."""


def headline(record: PerfRecord) -> tuple[str, ...]:
    """At most three sentences: do the artifacts behave, are the budgets kept, and how does the base artifact stand to a reference."""
    sentences = (_conformance(record), _budgets(record), _speed(record))
    return tuple(sentence for sentence in sentences if sentence)


def five_lines(record: PerfRecord) -> tuple[str, ...]:
    """The summary for the terminal, five lines whatever happened."""
    return (
        f"conformance  {_conformance(record)}",
        f"start-up     {_startup(record)}",
        f"size         {_weight(record)}",
        f"budgets      {_budgets(record)}",
        f"not run      {'; '.join(f'{row.what} ({row.why})' for row in left_out(record)) or 'nothing was left out'}",
    )


def _conformance(record: PerfRecord) -> str:
    found = record.conformance
    if found is None:
        return "The scenarios were not run for this report."
    cells = sum(row.total for row in found.rows)
    bad = sum(row.bad for row in found.rows)
    where = f"{figures.count(found.cases, 'case')} on {figures.count(len(found.rows), 'artifact')}"
    if bad:
        return f"{bad} of {figures.count(cells, 'cell')} did not pass ({where})."
    apart = [
        figures.count(sum(getattr(row, name) for row in found.rows), text, text)
        for name, text in (("expected_failure", "expected to fail"), ("unsupported", "unsupported"))
        if any(getattr(row, name) for row in found.rows)
    ]
    return f"All {cells} cells pass ({where})." if not apart else f"No cell fails ({where}; {', '.join(apart)})."


def _budgets(record: PerfRecord) -> str:
    if not record.budgets:
        return "No budget is set."
    by = {verdict: [budget for budget in record.budgets if budget.verdict == verdict] for verdict in (WITHIN, BORDERLINE, OVER, NOT_JUDGED)}
    total = figures.count(len(record.budgets), "budget")
    if len(by[WITHIN]) == len(record.budgets):
        return f"All {total} are kept."
    parts = [f"{len(by[WITHIN])} of {total} kept"]
    for verdict, text in ((OVER, "missed"), (BORDERLINE, "borderline"), (NOT_JUDGED, "not judged")):
        if by[verdict]:
            named = [_named(budget) for budget in by[verdict][:NAMED]]
            more = [f"and {len(by[verdict]) - NAMED} more"] if len(by[verdict]) > NAMED else []
            parts.append(f"{len(by[verdict])} {text}: {', '.join((*named, *more))}")
    return "; ".join(parts) + "."


def _named(budget: BudgetResult) -> str:
    return budget.title if budget.verdict == NOT_JUDGED else f"{budget.title} ({figures.budget_value(budget)}, {figures.limit(budget)})"


def _speed(record: PerfRecord) -> str:
    """The base artifact against the last reference of the last program that can be compared: the most like real work."""
    for program in reversed(record.timings):
        for reference in reversed([arm for arm in program.arms if arm.role == REFERENCE]):
            ratio = program.ratio(record.base, reference.id)
            text = _comparison(program, ratio, record.base, reference.label)
            if text:
                return text
    return ""


def _comparison(program: TimedProgram, ratio: Ratio | None, base: str, label: str) -> str:
    arm = program.arm(base)
    if ratio is None or ratio.estimate is None or ratio.estimate.at95 is None or not program.trusted or arm is None or arm.emulated:
        return ""
    interval = ratio.estimate.at95
    span = f"95 % interval {figures.number(interval.low)} to {figures.number(interval.high)}, {ratio.estimate.count} pairs"
    facts = f"{figures.number(ratio.estimate.value)} times its time, {span}"
    if interval.high < 1:
        return f"{program.title} on {base} is faster than {label} ({facts})."
    if interval.low > 1:
        return f"{program.title} on {base} is slower than {label} ({facts})."
    return f"{program.title} on {base} cannot be told apart from {label} ({facts})."


def _startup(record: PerfRecord) -> str:
    parts: list[str] = []
    for program in record.timings:
        arm = program.arm(record.base)
        if arm is not None and arm.verdict == MEASURED and arm.level is not None:
            parts.append(f"{program.title} {figures.milliseconds(arm.level.median)}{' (emulated)' if arm.emulated else ''}")
    return f"{record.base}: {', '.join(parts)}" if parts else f"{record.base} could not be timed"


def _weight(record: PerfRecord) -> str:
    parts = [f"{artifact.id} {figures.mebibytes(artifact.installed)}" for artifact in record.artifacts if not artifact.development]
    peaks = [row.level.median for row in record.memory.rows if row.arm == record.base and row.level is not None]
    if peaks:
        parts.append(f"peak memory of {record.base} {figures.memory(max(peaks), record.memory)}")
    return ", ".join(parts) or "nothing was weighed"
