"""A session of the benchmark: every command in turn, in random order block by block, on a machine where nothing else of this checkout runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from harness import overhead
from harness.bench import cases
from harness.bench.goals import goals
from harness.bench.memory import peaks
from harness.bench.record import FORMAT, Ahead, Footprint, Record, Sizes, Timed
from harness.bench.runners import Runner, contenders, engine, run, versions
from harness.perf.build import bundled, compile_program
from harness.perf.host import host_facts
from harness.perf.lock import timing_lock
from harness.perf.plan import block_order
from harness.perf.results import level_of
from harness.perf.stats import paired_ratio

Say = Callable[[str], None]
PAIRS = (
    ("conformance", "bats", True),
    ("conformance -n 2", "bats --jobs 2", True),
    ("conformance", "prysk", True),
    ("conformance -n 2", "prysk", True),
    ("conformance", "prysk, one shell per file", False),
    ("conformance -n 2", "prysk, one shell per file", False),
)
"""Who is compared with whom, and whether both keep one case from touching the next."""


def measure(checkout: Path, cache: Path, *, seed: int, scale: float, command: str, say: Say) -> Record:
    """Everything that is measured, judged. Raises ``PerfError`` when a command does not do what it is timed for."""
    sizes = Sizes().part(scale)
    with timing_lock(checkout), TemporaryDirectory(prefix="conformance-bench-") as folder:
        work = Path(folder).resolve()
        say("compiling the program that the cases start")
        program, launcher = compile_program(bundled("hello"), cache), compile_program(bundled("launcher"), cache)
        host = host_facts()
        timed = _alone(checkout, work, program, sizes, seed, say)
        runners, missing = contenders(checkout, work / "contest", program, sizes.contest)
        say(f"{sizes.contest} cases in {', '.join(runner.title for runner in runners)}: {sizes.contest_blocks} blocks")
        contest = tuple(replace(item, cases=sizes.contest) for item in _timed(runners, sizes.contest_blocks, seed, "contest", say))
        say("overhead per cell over the bare start")
        found = overhead.measure(cache, seed=seed, cells=sizes.overhead_cells, least=sizes.blocks, most=sizes.blocks)
        memory = _memory(checkout, work, program, launcher, sizes, say)
    ahead = _ahead({item.id: item for item in contest})
    record = Record(FORMAT, scale == 1, seed, command, host, versions(), sizes, timed, contest, ahead, found, memory, missing, ())
    return replace(record, goals=goals(record))


def _alone(checkout: Path, work: Path, program: Path, sizes: Sizes, seed: int, say: Say) -> tuple[Timed, ...]:
    """The commands that only the engine has: collecting, and the cells whose rate is asked for."""
    many, some, one = work / "collected", work / "cells", work / "one"
    cases.write_scenarios(many, program, sizes.collected, cases.MANY_PER_FILE)
    cases.write_scenarios(some, program, sizes.cells, cases.MANY_PER_FILE)
    cases.write_scenarios(one, program, 1, cases.MANY_PER_FILE)
    runners = [
        engine(checkout, many, sizes.collected, "--collect-only"),
        engine(checkout, some, sizes.cells),
        engine(checkout, some, sizes.cells, "-n", "2"),
    ]
    runners += [replace(engine(checkout, one, 1, *options), id=f"{name}, 1 cell") for name, options in (("conformance", ()), ("conformance -n 2", ("-n", "2")))]
    say("one cell without a clock, so that bytecode is in place")
    run(runners[-1])
    say(f"{sizes.collected} cases collected, {sizes.cells} cells: {sizes.blocks} blocks")
    return _timed(runners, sizes.blocks, seed, "alone", say)


def _timed(runners: Sequence[Runner], blocks: int, seed: int, name: str, say: Say) -> tuple[Timed, ...]:
    by_id = {runner.id: runner for runner in runners}
    seconds: dict[str, list[float]] = {runner.id: [] for runner in runners}
    for block in range(blocks):
        for one in block_order(seed, name, block, by_id):
            started = perf_counter()
            run(by_id[one])
            seconds[one].append(perf_counter() - started)
        say(f"  block {block + 1} of {blocks}")
    found = []
    for runner in runners:
        level = level_of(seconds[runner.id])
        assert level is not None, "every runner ran in every block, and there is at least one"
        found.append(Timed(runner.id, runner.expected, tuple(seconds[runner.id]), level))
    return tuple(found)


def _ahead(contest: Mapping[str, Timed]) -> tuple[Ahead, ...]:
    return tuple(
        Ahead(ours, theirs, paired_ratio(contest[ours].seconds, contest[theirs].seconds), like)
        for ours, theirs, like in PAIRS
        if ours in contest and theirs in contest
    )


def _memory(checkout: Path, work: Path, program: Path, launcher: Path, sizes: Sizes, say: Say) -> tuple[Footprint, ...]:
    folder = work / "memory"
    cases.write_scenarios(folder, program, sizes.memory, cases.MANY_PER_FILE)
    found = []
    for options in ((), ("-n", "2")):
        runner = engine(checkout, folder, sizes.memory, *options)
        say(f"memory of {sizes.memory} cells: {runner.title}")
        found.append(Footprint(runner.id, sizes.memory, peaks(launcher, runner)))
    return tuple(found)


def reproduce(seed: int, scale: float) -> str:
    """The command that does the same again."""
    part = "" if scale == 1 else f" --scale {scale:g}"
    return f"conformance bench-engine --seed {seed}{part}"
