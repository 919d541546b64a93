"""What a run leaves behind: the value that every format is made from, and the files that the caller asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.plugin.failure import wording
from harness.plugin.plan import Plan
from harness.plugin.settings import Settings, relative_to_root
from harness.plugin.summary import Summary
from harness.report.files import write_text
from harness.report.formats import FORMATS
from harness.report.run import Run, ShardEvent, artifact_event, ordered


@dataclass(frozen=True, slots=True)
class Span:
    """When the run began, and how long it took."""

    began: datetime
    seconds: float

    @classmethod
    def until_now(cls, began: datetime) -> Span:
        return cls(began, round((datetime.now(UTC) - began).total_seconds(), 3))


def run_of(settings: Settings, plan: Plan, summary: Summary, facts: Mapping[str, object], span: Span) -> Run:
    """The whole run as one value, in the one order."""
    words = wording(settings)
    return ordered(
        Run(
            program=plan.artifacts.program,
            artifacts=tuple(artifact_event(artifact) for artifact in plan.selection.artifacts),
            cells=summary.cells,
            not_run=(*summary.not_run, *summary.stopped),
            problems=summary.problems(settings),
            reference=plan.artifacts.reference,
            suite=plan.suite,
            scenarios=relative_to_root(settings.scenarios, settings.root),
            replay=" ".join((words.command, *words.options)),
            started=span.began.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=span.seconds,
            shard=_shard(settings, facts),
        )
    )


def _shard(settings: Settings, facts: Mapping[str, object]) -> ShardEvent | None:
    """Nothing when the shard does not know its whole, as when all workers died: then it can be merged with nothing."""
    whole = facts.get("whole_selection")
    if settings.shard is None or not isinstance(whole, dict):
        return None
    return ShardEvent(settings.shard.index, settings.shard.of, int(whole["cells"]), str(whole["sha256"]))


def write_results(run: Run, settings: Settings) -> tuple[str, ...]:
    """Write every file that was asked for; one that cannot be written is told and keeps no other from being written."""
    failed = []
    for name, path in settings.outputs:
        try:
            write_text(path, FORMATS[name].text(run))
        except OSError as error:
            failed.append(f"{path}: cannot be written: {error.strerror}")
    if settings.step_summary is not None:
        try:
            _append(settings, FORMATS["summary"].text(run))
        except OSError as error:
            failed.append(f"{settings.step_summary}: cannot be written: {error.strerror}")
    return tuple(failed)


def _append(settings: Settings, pieces: Iterable[str]) -> None:
    """The page belongs to the whole CI step: what is on it stays."""
    assert settings.step_summary is not None
    with settings.step_summary.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.writelines(pieces)
        file.write("\n")
