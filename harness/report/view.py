"""The report as sections of paragraphs and tables, before it becomes Markdown or HTML: both show the same, because both show this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.perf.record import (
    ARTIFACT,
    BORDERLINE,
    INVALID,
    NOT_JUDGED,
    OVER,
    REFERENCE,
    WITHIN,
    Arm,
    BudgetResult,
    PerfRecord,
    TimedProgram,
    TimedStep,
)
from harness.report import figures
from harness.report.conformance import left_out

GOOD = "good"
BAD = "bad"
WARN = "warn"
MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; the tone is a hint for colour, the text says everything."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; columns from ``numeric_from`` on hold figures."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric_from: int = 1
    caption: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of the report; ``figure`` names the plot that belongs to it."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    code: str = ""
    figure: str = ""
    link: tuple[str, str] | None = None
    """Words and the file beside the report that they lead to."""


def sections(record: PerfRecord, matrix: str = "", further: tuple[Section, ...] = ()) -> tuple[Section, ...]:
    """Everything below the headline, in the order in which a release manager asks; ``further`` are sections that others made."""
    return (
        _scoreboard(record),
        _budgets(record),
        _startup(record),
        *_steps(record),
        _weight(record),
        _conformance(record, matrix),
        *further,
        _left_out(record),
        _method(record),
    )


def _scoreboard(record: PerfRecord) -> Section:
    columns = ("artifact", "cases passed", *(f"{program.title.partition(' (')[0]}" for program in record.timings), "peak memory", "size")
    rows = tuple(_score(record, artifact.id) for artifact in record.artifacts)
    notes = ["Medians with their 95 % intervals, in one interleaved session on one machine."]
    if any(artifact.development for artifact in record.artifacts):
        notes.append("An artifact marked as development only is measured for comparison and never shipped.")
    return Section("scoreboard", "Scoreboard", tuple(notes), (Table(columns, rows),))


def _score(record: PerfRecord, name: str) -> tuple[Cell, ...]:
    artifact = record.artifact(name)
    assert artifact is not None
    tested = record.conformance.row(name) if record.conformance else None
    verdict = Cell("not tested", MUTED)
    if tested is not None:
        verdict = Cell(f"{tested.passed}/{tested.total}", BAD if tested.bad else GOOD)
    times = [_time_cell(program.arm(name)) for program in record.timings]
    peaks = [row.level.median for row in record.memory.rows if row.arm == name and row.level is not None]
    marks = [text for text, holds in (("development only", artifact.development), ("emulated", artifact.emulated)) if holds]
    label = f"{name} ({', '.join(marks)})" if marks else name
    peak = Cell(figures.memory(max(peaks), record.memory)) if peaks else Cell("n/a", MUTED)
    return (Cell(label), verdict, *times, peak, Cell(figures.mebibytes(artifact.installed)))


def _time_cell(arm: Arm | None) -> Cell:
    if arm is None:
        return Cell("n/a", MUTED)
    if arm.verdict == INVALID:
        return Cell("invalid", BAD)
    return Cell(f"{figures.level_ms(arm.level)}{', emulated' if arm.emulated else ''}", MUTED if arm.emulated else "")


def _budgets(record: PerfRecord) -> Section:
    rows = tuple(_budget_row(budget) for budget in record.budgets)
    text = "A ratio or a duration is within its limit when its whole 95 % interval is, missed when none of it is, and borderline otherwise. Sizes are exact."
    if record.steps:
        text += (
            " Of steps of scenarios: p95 is what 95 runs in 100 keep to; min and max are the fastest and the slowest run of this session, and exact; "
            "memory is the most of any run, to within what the kernel counts."
        )
    if not rows:
        return Section("budgets", "Budgets", ("No budget is set.",))
    return Section("budgets", "Budgets", (text,), (Table(("budget", "limit", "measured", "verdict"), rows, numeric_from=4),))


def _budget_row(budget: BudgetResult) -> tuple[Cell, ...]:
    words = {
        WITHIN: ("within", GOOD),
        BORDERLINE: ("borderline", WARN),
        OVER: ("over" if budget.direction == "at-most" else "short", BAD),
        NOT_JUDGED: ("not judged", MUTED),
    }
    word, tone = words[budget.verdict]
    return (
        Cell(budget.title),
        Cell(figures.limit(budget)),
        Cell(figures.budget_value(budget)),
        Cell(f"{word}: {budget.reason}" if budget.reason else word, tone),
    )


def _startup(record: PerfRecord) -> Section:
    text = (
        "From the start of the process to its end. Every block runs each arm once, in random order; a ratio is taken within blocks "
        "(paired Hodges-Lehmann, signed-rank interval at 95 %)."
    )
    tables = [_program_table(program, record.base) for program in record.timings]
    tables += [table for step in record.steps if _is_startup(step) for table in _step_tables(step, record)]
    return Section("start-up", "Start-up", (text,), tuple(tables), figure="start-up")


def _is_startup(step: TimedStep) -> bool:
    return step.heading.replace("-", "").casefold() == "startup"


def _steps(record: PerfRecord) -> Iterator[Section]:
    """A section for every heading that marked steps of scenarios ask for, in the order in which it comes up; those with none have one in common."""
    text = "Steps of scenarios that have a budget, each timed alone in fresh surroundings: its own servers, files and environment."
    shown = [step for step in record.steps if not _is_startup(step)]
    for number, heading in enumerate(dict.fromkeys(step.heading for step in shown), 1):
        tables = [table for step in shown if step.heading == heading for table in _step_tables(step, record)]
        missing = [
            f"{step.scenario} {step.step} ({step.at}) was not timed: {step.reason}" for step in shown if step.heading == heading and step.program is None
        ]
        yield Section(f"steps-{number}", heading or "Steps of scenarios", (text, *missing), tuple(tables))


def _step_tables(step: TimedStep, record: PerfRecord) -> Iterator[Table]:
    if step.program is not None:
        table = _program_table(step.program, record.base)
        yield (
            table
            if not step.memory
            else replace(
                table,
                columns=(*table.columns, "peak memory"),
                rows=tuple((*row, Cell(_peak_of(step, arm, record))) for row, arm in zip(table.rows, step.program.arms, strict=True)),
            )
        )


def _peak_of(step: TimedStep, arm: Arm, record: PerfRecord) -> str:
    row = step.peak(arm.id)
    return figures.memory(max(row.runs), record.memory) if row is not None and row.runs else ""


def _program_table(program: TimedProgram, base: str) -> Table:
    references = [arm for arm in program.arms if arm.role == REFERENCE or arm.id == base]
    columns = ("arm", "runs", "median [95 %]", "5 % to 95 %", "first run", *(f"to {arm.label}" for arm in references))
    rows = tuple(_program_row(program, arm, references) for arm in program.arms)
    control = program.control.estimate if program.control else None
    trust = f"; the same file again: {figures.ratio(control)}" if control else ""
    doubt = "" if program.trusted else ". The same file measured against itself came out different, so nothing in this table is judged"
    return Table(columns, rows, caption=f"{program.title}: {figures.count(program.blocks, 'block')}, stopped by {program.stopped}{trust}{doubt}")


def _program_row(program: TimedProgram, arm: Arm, references: list[Arm]) -> tuple[Cell, ...]:
    label = Cell(f"{arm.label}{' (emulated)' if arm.emulated else ''}", "" if arm.role == ARTIFACT else MUTED)
    if arm.level is None:
        return (label, Cell(f"invalid: {arm.reason}", BAD), *(Cell("") for _ in range(3 + len(references))))
    ratios = (program.ratio(arm.id, reference.id) for reference in references)
    return (
        label,
        Cell(str(len(arm.samples))),
        Cell(figures.level_ms(arm.level)),
        Cell(f"{figures.number(arm.level.p5 / 1e6)} to {figures.milliseconds(arm.level.p95)}"),
        Cell(figures.milliseconds(arm.first_ns) if arm.first_ns else "n/a"),
        *(Cell(figures.ratio(ratio.estimate)) if ratio else Cell("") for ratio in ratios),
    )


def _weight(record: PerfRecord) -> Section:
    facts = record.memory
    text = (
        f"Peak memory is the largest resident set that the kernel counted, in a pass of its own, started from a launcher whose own floor is "
        f"{figures.memory(facts.floor_kib, facts)}; the kernel counts to within {facts.step_kib} KiB."
    )
    sizes = Table(
        ("artifact", "what is executed", "installed", "files", "SHA-256 of the executed file"),
        tuple(
            (Cell(a.id), Cell(figures.mebibytes(a.size)), Cell(figures.mebibytes(a.installed)), Cell(str(a.files)), Cell(a.sha256, MUTED))
            for a in record.artifacts
        ),
        caption="Size",
    )
    rows: list[tuple[Cell, ...]] = []
    titles = {program.id: program.title for program in record.timings}
    for row in facts.rows:
        name = Cell(f"{row.label}{' (emulated)' if row.emulated else ''}", "" if row.role == ARTIFACT else MUTED)
        if row.level is None:
            rows.append((Cell(titles.get(row.timing, row.timing)), name, Cell(f"invalid: {row.reason}", BAD), Cell(""), Cell("")))
        else:
            rows.append(
                (
                    Cell(titles.get(row.timing, row.timing)),
                    name,
                    Cell(figures.memory(row.level.median, facts)),
                    Cell(figures.memory(max(row.runs), facts)),
                    Cell(str(len(row.runs))),
                )
            )
    peaks = Table(("program", "arm", "median", "largest", "runs"), tuple(rows), numeric_from=2, caption="Peak memory")
    return Section("weight", "Size and memory", (text,), (sizes, peaks) if rows else (sizes,))


def _conformance(record: PerfRecord, matrix: str) -> Section:
    found = record.conformance
    if found is None:
        return Section("conformance", "Conformance", ("The scenarios were not run for this report.",))
    tiers = ", ".join(f"{tier.cases} {tier.tier}" for tier in found.tiers)
    rows = tuple((Cell(row.artifact), *(Cell(str(value), BAD if value and bad else "") for value, bad in _verdict_counts(row))) for row in found.rows)
    table = Table(("artifact", "passed", "failed", "expected failure", "unsupported", "harness error"), rows)
    failures = (f"Did not pass: {', '.join(found.failures)}",) if found.failures else ()
    link = ("Every case on every artifact, with differences and replay commands", matrix) if matrix else None
    return Section(
        "conformance", "Conformance", (f"{figures.count(found.cases, 'case')} ({tiers}), each run against every artifact.", *failures), (table,), link=link
    )


def _verdict_counts(row: object) -> tuple[tuple[int, bool], ...]:
    names = (("passed", False), ("failed", True), ("expected_failure", False), ("unsupported", False), ("harness_error", True))
    return tuple((getattr(row, name), bad) for name, bad in names)


def _left_out(record: PerfRecord) -> Section:
    rows: list[tuple[Cell, ...]] = [(Cell(entry.what), Cell(entry.why)) for entry in left_out(record)]
    for program in record.timings:
        rows += _invalid(program)
    for step in record.steps:
        if step.program is None:
            rows.append((Cell(f"timing of {step.scenario} {step.step}"), Cell(step.reason, BAD)))
        else:
            rows += _invalid(step.program)
    if not rows:
        return Section("left-out", "Not run, and invalid", ("Nothing was left out.",))
    return Section("left-out", "Not run, and invalid", (), (Table(("what", "why"), tuple(rows), numeric_from=2),))


def _invalid(program: TimedProgram) -> list[tuple[Cell, ...]]:
    return [(Cell(f"{program.title} on {arm.label}"), Cell(f"invalid: {arm.reason}", BAD)) for arm in program.arms if arm.verdict == INVALID]


def _method(record: PerfRecord) -> Section:
    host = record.host
    facts = (
        ("host", f"{host.system}, Linux {host.kernel}, {host.libc}" if host.target.startswith("linux") else f"{host.system} {host.kernel}, {host.libc}"),
        ("processor", f"{host.cpu}, {figures.count(host.usable_cores, 'usable core')} of {host.cores}{', virtual machine' if host.virtual else ''}"),
        ("memory", f"{host.memory_mib} MiB"),
        ("load before", f"{host.load_before:g}"),
        ("tools", ", ".join(f"{tool.name} {tool.version}" for tool in record.tools)),
        ("seed", str(record.seed)),
        ("session", f"{record.created}, {record.seconds:g} s"),
        *((("harness overhead", _overhead(record)),) if record.overhead else ()),
    )
    text = (
        "Each timed run is checked for its exit code and its standard output; one wrong run voids the arm. The environment is built from nothing. "
        "Sampling stops on the width of intervals or on time, never on an effect. Timing does not run while scenarios run."
    )
    table = Table(("fact", "value"), tuple((Cell(name), Cell(value)) for name, value in facts), numeric_from=2)
    return Section("method", "How this was measured", (text, "To reproduce, in a checkout of this version:"), (table,), code=record.command)


def _overhead(record: PerfRecord) -> str:
    facts = record.overhead
    assert facts is not None
    at95 = facts.difference_ms.at95
    interval = f" [{figures.number(at95.low)}, {figures.number(at95.high)}]" if at95 else ""
    sides = f"{figures.number(facts.engine_ms)} ms against {figures.number(facts.bare_ms)} ms for the bare start"
    return f"{figures.number(facts.difference_ms.value)} ms{interval} per cell ({sides})"
