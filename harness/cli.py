"""``conformance``: publish artifacts, run scenarios on them, time them, report.

Every command is a thin translation of options into one call; what it prints is progress and a result, what it returns is an exit code:
0 all well, 1 something is wrong with what was tested or given, 2 a command line that is not understood.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.commands import bench, convert, coverage, explain, fmt, interface_diff, lint, merge, new, replay, review, startup
from harness.commands.waiting import wait_for

if TYPE_CHECKING:
    from harness.artifacts import NotRun

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
CACHE = ROOT / ".cache"
MANIFEST = DIST / "artifacts.json"
EVENTS = ROOT / ".harness" / "last" / "events.jsonl"
LATEST = ROOT / "reports" / "latest"
SCENARIOS = ROOT / "scenarios"
SNAPSHOTS = ROOT / "snapshots"
TIMING = SCENARIOS / "timing.toml"
BUDGETS = ROOT / "reports" / "budgets.toml"
INTERFACE = ROOT / "docs" / "reference" / "omnirelay.json"
NOT_RUN = CACHE / "not-run.json"
DEFAULT_ARTIFACTS = ("native-linux-x64", "frozen-linux-x64", "jit-linux-x64")
REFLECTIVE = "reflective-linux-x64"

FOR_PYTEST = {"allow_extra_args": True, "ignore_unknown_options": True}
"""What the parser leaves alone of a command that hands its arguments on."""

app = typer.Typer(
    name="conformance",
    help="Publish the omnirelay CLI as native, frozen and interpreted artifacts, and prove that they behave the same.",
    epilog="Each command has --help, with an example. README.md says which page of docs/ is for whom.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class TerminalProgress:
    """Says what is being done, how long it took, and whether it came from the cache."""

    def step(self, name: str, state: str, seconds: float = 0.0) -> None:
        took = f" {seconds:.1f} s" if state == "done" else ""
        typer.echo(f"  {name:<44} {state}{took}")


def _fail(text: str) -> int:
    typer.echo(f"error: {text}", err=True)
    return 1


def do_publish(artifacts: Sequence[str], dist: Path = DIST, cache: Path = CACHE) -> int:
    from cli.publish import PublishError, publish

    started = time.monotonic()
    typer.echo(f"publish: {', '.join(artifacts)}")
    try:
        publish(list(artifacts), dist=dist, cache=cache, progress=TerminalProgress())
    except PublishError as error:
        return _fail(str(error))
    typer.echo(f"publish: done in {time.monotonic() - started:.0f} s, {dist / 'artifacts.json'}")
    return 0


def do_run(arguments: Sequence[str]) -> int:
    """Runs the scenarios in a pytest of their own, so that its exit code and output are exactly those of the command a user would type."""
    status, told = wait_for([sys.executable, "-m", "pytest", *arguments], ROOT)
    if told is not None:
        # Whatever was to come next: somebody wants all of it to end.
        raise typer.Exit(128 + told)
    return status


def do_time(out: Path, seed: int, baseline: Path | None = None) -> int:
    from harness import overhead
    from harness.artifacts import ArtifactError
    from harness.faults import HarnessFault
    from harness.marked.collect import marked_steps
    from harness.perf.errors import PerfError
    from harness.perf.session import Surroundings, measure
    from harness.plugin.goldens import GoldenStore

    if baseline is not None and not baseline.is_file():
        return _fail(f"--baseline {baseline}: there is no such file; it is the artifacts.json that was published with the last release")
    typer.echo("time: artifacts and reference lines in turn, in random order; nothing else should run on this machine")
    surroundings = Surroundings(
        root=ROOT,
        cache=CACHE,
        budgets=BUDGETS,
        overhead=lambda: overhead.measure(CACHE, seed=seed),
        not_run=_not_installed(),
        command=f"make conformance  # or alone: conformance time --seed {seed}{' --baseline artifacts.json of the last release' if baseline else ''}",
        baseline=baseline,
    )
    try:
        with marked_steps(SCENARIOS, GoldenStore(SNAPSHOTS)) as marked:
            around = replace(surroundings, marked=marked)
            measure(MANIFEST, TIMING, seed=seed, out=out, progress=lambda text: typer.echo(f"  {text}"), surroundings=around)
    except (PerfError, ArtifactError, HarnessFault) as error:
        return _fail(str(error))
    return 0


def do_report(out: Path) -> int:
    from harness.artifacts import ArtifactError
    from harness.coverage.errors import CoverageError
    from harness.coverage.section import section as coverage_section
    from harness.interface.section import section as interface_section
    from harness.perf import codec
    from harness.perf.errors import PerfError
    from harness.report import events
    from harness.report.conformance import conformance_of
    from harness.report.headline import five_lines
    from harness.report.render import write_report
    from harness.report.run import RESULTS
    from harness.startup.section import section as startup_section

    try:
        record = codec.read(out / "perf.json")
        run = events.read(EVENTS)
        if any(cell.perturbed for cell in run.cells):
            return _fail("the last run was perturbed, and what it came to is no conformance; run the scenarios as usual first: conformance run")
        further = (
            interface_section(INTERFACE, ROOT / "reports", record.version),
            startup_section(startup.LEDGER),
            coverage_section(coverage.sources(), coverage.looked_at(EVENTS.parent)),
        )
        whole = write_report(record, conformance_of(run, EVENTS), out, run, further)
        # What the next release is compared with: reports/<version>/ keeps it.
        events.write(out / RESULTS, run)
        shutil.copyfile(INTERFACE, out / INTERFACE.name)
    except (PerfError, events.EventsError, ArtifactError, CoverageError, OSError) as error:
        return _fail(f"{error}\nrun the scenarios and the timing first: conformance check does all of it")
    typer.echo(f"report: {out / 'report.html'} (and report.md, matrix.html, perf.json)")
    for line in five_lines(whole):
        typer.echo(f"  {line}")
    return 0


def _not_installed() -> tuple[NotRun, ...]:
    """What set-up could not install on this machine, as rows of the report."""
    from harness.artifacts import NotRun

    try:
        rows = json.loads(NOT_RUN.read_bytes())["not_run"]
    except FileNotFoundError:
        return ()
    return tuple(NotRun(str(row["what"]), str(row["why"])) for row in rows)


Seed = Annotated[int, typer.Option(help="Seed of the order in which programs are run; it stands in the report.")]
Baseline = Annotated[Path | None, typer.Option(help="artifacts.json of the last release: its artifacts are timed beside, for budgets that limit growth.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the report.")]


def publish_command(
    artifacts: Annotated[list[str] | None, typer.Argument(help="Artifact ids. Default: native, frozen and jit for linux-x64.")] = None,
    dist: Annotated[Path, typer.Option(help="Where artifacts and artifacts.json go.")] = DIST,
    cache: Annotated[Path, typer.Option(help="Where sources and built parts are kept.")] = CACHE,
) -> None:
    """Produce artifacts from the sources."""
    raise typer.Exit(do_publish(artifacts or DEFAULT_ARTIFACTS, dist, cache))


def run_command(context: typer.Context) -> None:
    """Run every scenario on each published artifact.

    Further arguments go to pytest: -n 2, -k drain, --artifact=jit-linux-x64.
    """
    raise typer.Exit(do_run(["scenarios", *context.args]))


def time_command(out: Out = LATEST, seed: Seed = 1, baseline: Baseline = None) -> None:
    """Time every artifact; write perf.json.

    What scenarios/timing.toml names, and every step of a scenario with a budget. Artifacts and reference lines take turns in random order. Nothing else
    should run on the machine meanwhile.
    """
    raise typer.Exit(do_time(out, seed, baseline))


def report_command(out: Out = LATEST) -> None:
    """Write the report of the last run and timing.

    report.md, report.html and perf.json, from .harness/last/events.jsonl and the perf.json of the timing.
    """
    raise typer.Exit(do_report(out))


def check_command(
    workers: Annotated[int, typer.Option(min=1, help="Processes that run scenarios side by side.")] = 2,
    out: Out = LATEST,
    seed: Seed = 1,
    baseline: Baseline = None,
) -> None:
    """Publish, run, time and report in one go.

    This is what make conformance does. Exit 0 only if every cell passed.
    """
    status = do_publish((*DEFAULT_ARTIFACTS, REFLECTIVE))
    if status:
        raise typer.Exit(status)
    failed = do_run(["scenarios", "-q", "-n", str(workers)])
    # A run with failures still gets its report: that is when one wants to read it.
    raise typer.Exit(do_time(out, seed, baseline) or do_report(out) or failed)


def control_plane_command(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the control plane; 0 picks a free one.")] = 8080,
    admin_port: Annotated[int, typer.Option(min=0, max=65535, help="Port for reset, faults and recorded requests (loopback only).")] = 0,
    data: Annotated[Path | None, typer.Option(help="JSON file with peers, shards, participants and introspection.")] = None,
    clock: Annotated[str, typer.Option(help="'live', or the instant at which time stands still, such as 2025-01-02T03:04:05Z.")] = "live",
    store: Annotated[Path | None, typer.Option(help="SQLite file that keeps the state; in memory when not given.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    enums: Annotated[str, typer.Option(help="How enumerations are sent: names or numbers.")] = "names",
    faults: Annotated[Path | None, typer.Option(help="JSON file with faults: delay, status, truncate, reset, garbage and more, per route and call.")] = None,
    tls: Annotated[str | None, typer.Option(help='Speak TLS: true, or JSON such as {"certificate": "expired"}. The ready line holds the authority.')] = None,
) -> None:
    """Serve the reference control plane. Prints one JSON line with its address when it is ready."""
    from harness.servers.control_plane.options import serve

    raise typer.Exit(serve(port, admin_port, data, clock, store, host, enums, faults, tls))


COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    # All at once, then its parts.
    ("check", check_command, "conformance check --workers 4"),
    ("publish", publish_command, "conformance publish native-linux-x64"),
    ("run", run_command, "conformance run -k drain --artifact=native-linux-x64"),
    ("time", time_command, "conformance time"),
    ("report", report_command, "conformance report --out reports/1.0.0"),
    # What to do with a red run.
    ("review", review.command, "conformance review --list"),
    ("replay", replay.command, "conformance replay .harness/last/capsules/unit/version/jit-linux-x64.zip"),
    # Writing scenarios.
    ("new", new.command, "conformance new integration/peers/my-first"),
    ("lint", lint.command, "conformance lint scenarios/integration"),
    ("explain", explain.command, "conformance explain H2107"),
    ("fmt", fmt.command, "conformance fmt --check"),
    ("control-plane", control_plane_command, "conformance control-plane --data scenarios/_lib/three-peers.json"),
    ("coverage", coverage.command, "conformance coverage --files"),
    # Results elsewhere, and over several machines.
    ("convert", convert.command, "conformance convert .harness/last/events.jsonl --to junit --out junit.xml"),
    ("merge", merge.command, "conformance merge shard-1.jsonl shard-2.jsonl --out whole.jsonl"),
    # What is measured and compared beyond one run.
    ("startup", startup.command, "conformance startup native-linux-x64 --run help"),
    ("interface-diff", interface_diff.command, "conformance interface-diff reports/unreleased/omnirelay.json docs/reference/omnirelay.json"),
    ("bench-engine", bench.command, "conformance bench-engine --scale 0.01"),
)
"""Every command in the order of use, with an example that its help shows."""

for _name, _command, _example in COMMANDS:
    app.command(_name, epilog=f"Example: {_example}", context_settings=FOR_PYTEST if _name == "run" else None)(_command)


def main() -> None:
    """The entry of the ``conformance`` command."""
    app()


if __name__ == "__main__":
    main()
