"""One timing session from published artifacts to a record: verify, prove, time, weigh, judge.

Nothing is timed that was not verified against its digest first, nothing while functional cells run, and nothing whose answer is wrong.
Raises ``harness.perf.errors.PerfError`` and ``harness.artifacts.ArtifactError``; both say what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from harness import artifacts as published
from harness.artifacts import NotRun
from harness.model.artifact import Artifact, ArtifactSet
from harness.perf import budgets, codec, hyperfine
from harness.perf.arms import prove
from harness.perf.build import bundled, compile_program
from harness.perf.configuration import Timing, TimingPlan, read_timing_file
from harness.perf.contest import Contest, Field, closed_environment, facts_of, field_of, interpreters, watched_pairs
from harness.perf.host import host_facts
from harness.perf.lock import timing_lock
from harness.perf.marked import MarkedSteps
from harness.perf.place import Place
from harness.perf.record import FORMAT, Overhead, PerfRecord, TimedProgram, TimedStep, Tool
from harness.perf.results import timed_program
from harness.perf.sample import CellPlan, CellState, HyperfineRunner, sample
from harness.perf.server import running
from harness.perf.step_budgets import judge_step
from harness.perf.steps import StepSession, hello_arm, time_steps
from harness.perf.weigh import weigh
from harness.transport.base import Transport
from harness.transport.registry import transport_for

ROOT = Path(__file__).resolve().parent.parent.parent
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session is run with besides its two files; the defaults are those of this checkout."""

    root: Path = ROOT
    cache: Path = ROOT / ".cache"
    budgets: Path | None = None
    overhead: Callable[[], Overhead] | None = None
    not_run: tuple[NotRun, ...] = ()
    command: str = "conformance time"
    transport: Callable[[Artifact], Transport] = transport_for
    marked: MarkedSteps | None = None
    """Steps of scenarios that are to be timed, too."""
    baseline: Path | None = None
    """``artifacts.json`` of the last release, for limits on growth."""


def measure(
    artifacts_json: Path,
    timing_toml: Path,
    *,
    seed: int,
    out: Path,
    progress: Say,
    surroundings: Surroundings | None = None,
) -> PerfRecord:
    """Times every artifact that this host can start, judges the budgets, and writes the record to ``out/perf.json``."""
    around = surroundings or Surroundings()
    plan = read_timing_file(timing_toml)
    limits = budgets.read_budgets(around.budgets, plan) if around.budgets else ()
    listed = published.read(artifacts_json)
    started = monotonic()
    with timing_lock(around.root):
        record = _session(_Session(plan, listed, around, seed, progress))
    record = replace(record, seconds=round(monotonic() - started, 1))
    of_steps = (row for step, timed in zip(around.marked.steps if around.marked else (), record.steps, strict=True) for row in judge_step(step, timed, record))
    record = replace(record, budgets=(*(budgets.judge(limit, record) for limit in limits), *of_steps))
    out.mkdir(parents=True, exist_ok=True)
    codec.write(out / "perf.json", record)
    return record


@dataclass(frozen=True, slots=True)
class _Session:
    plan: TimingPlan
    listed: ArtifactSet
    around: Surroundings
    seed: int
    say: Say


def _session(session: _Session) -> PerfRecord:
    plan, listed, around, say = session.plan, session.listed, session.around, session.say
    field = field_of(listed, around.baseline, around.transport)
    say(f"verifying {len(field.entrants) + len(field.earlier)} artifacts")
    field.verify()
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    host = host_facts()
    with TemporaryDirectory(prefix="timing-") as place, ExitStack() as servers:
        workspace = Path(place)
        urls = {server.id: servers.enter_context(running(server, around.root)) for server in plan.servers}
        say("building the reference program and the launcher")
        sources = {source: compile_program(bundled(source), around.cache) for source in sorted({r.source for r in plan.references if r.source})}
        values = {f"{name}.url": url for name, url in urls.items()} | {"python": sys.executable} | interpreters(field.entrants)
        contest = Contest(plan, field.entrants, field.base, values, sources)
        where = Place(workspace, closed_environment(plan.environment, workspace))
        timings, states = _time(session, contest, where)
        say("measuring peak memory")
        memory = weigh(plan, states, compile_program(bundled("launcher"), around.cache), where)
    steps = _steps(session, field)
    field.verify()
    overhead = around.overhead() if around.overhead else None
    return PerfRecord(
        format=FORMAT,
        program=listed.program,
        version=field.version,
        base=field.base,
        created=created,
        seed=session.seed,
        command=around.command,
        seconds=0.0,
        host=host,
        tools=_tools(),
        artifacts=tuple(facts_of(entrant) for entrant in field.entrants),
        baseline=tuple(facts_of(entrant) for entrant in field.earlier),
        timings=timings,
        steps=steps,
        memory=memory,
        overhead=overhead,
        budgets=(),
        conformance=None,
        not_run=(*around.not_run, *field.left_out, *contest.missing(), *(around.marked.left_out if around.marked else ())),
    )


def _steps(session: _Session, field: Field) -> tuple[TimedStep, ...]:
    """The marked steps of scenarios, each beside the reference program; nothing is built when there are none."""
    around, plan = session.around, session.plan
    if around.marked is None or not around.marked.steps:
        return ()
    label = next((reference.label for reference in plan.references if reference.source == "hello"), "static C hello")
    hello, launcher = (compile_program(bundled(name), around.cache) for name in ("hello", "launcher"))
    common = StepSession(plan.rules, field.entrants, field.earlier, field.base, (hello_arm(label, hello),), launcher, session.seed, session.say)
    return time_steps(around.marked, common)


def _time(session: _Session, contest: Contest, where: Place) -> tuple[tuple[TimedProgram, ...], tuple[CellState, ...]]:
    plan, rules = session.plan, session.plan.rules
    cells: list[CellPlan] = []
    session.say("checking every answer once before the clock runs")
    for timing in plan.timings:
        arms = prove(contest.arms(timing), timing, contest.base, place=where, limit=rules.run_limit)
        cells.append(CellPlan(timing.id, timing.seconds, arms, watched_pairs(arms, contest.base)))
    runner = HyperfineRunner(hyperfine.locate(), where, rules.run_limit, {cell.id: {arm.id: arm for arm in cell.arms} for cell in cells})
    states = sample(cells, rules, session.seed, runner, monotonic, session.say)
    by_id: dict[str, Timing] = {timing.id: timing for timing in plan.timings}
    return tuple(timed_program(by_id[state.plan.id], state, contest.base) for state in states), states


def _tools() -> tuple[Tool, ...]:
    stopwatch = hyperfine.version(hyperfine.locate())
    return (Tool("hyperfine", stopwatch), Tool("zig cc", version("ziglang")), Tool("python (harness)", sys.version.split()[0]))
