"""The text of a failed cell: which scenario, artifact and step, how it differs, how to run it again, and where the raw output is."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.compare.text import excerpt
from harness.model.observation import Observation
from harness.model.position import Position
from harness.model.scenario import Scenario
from harness.model.verdict import CellResult, Finding
from harness.normalise.registry import decode
from harness.plugin.settings import Settings, relative_to_root
from harness.verbs.start import StartSpec

INDENT = " " * 6
LAST = ".harness/last"
MODULES = {"pytest": "pytest", "conformance": "harness.cli"}
RAW_LINES = 40
"""Lines of a raw stream that ``--raw`` shows; the file holds all of it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the text needs to know of the run: where it is read, how pytest was started, which options to repeat."""

    root: Path
    command: str
    options: tuple[str, ...]
    raw: bool = False
    """Show what was printed before it was normalised."""


def wording(settings: Settings) -> Wording:
    return Wording(settings.root, tool_command("pytest", settings.root), settings.replay, settings.raw)


def tool_command(name: str, root: Path) -> str:
    """How to start ``pytest`` or ``conformance`` of this environment from ``root``: by its bare name only when a shell would find the same one."""
    mine = Path(sys.executable).parent / name
    found = shutil.which(name)
    if found and Path(found) == mine:
        return name
    if mine.exists():
        return shlex.quote(relative_to_root(mine, root))
    return f"{shlex.quote(sys.executable)} -m {MODULES[name]}"


def failure_text(scenario: Scenario, result: CellResult, words: Wording) -> str:
    """One block for each step that has findings, then the replay command."""
    lines = [_headline("FAIL", scenario, result)]
    if result.reason:
        lines.append(f"{INDENT}{result.reason}")
    for step in dict.fromkeys(finding.step for finding in result.findings):
        lines += _step(scenario, result, step, words)
    lines += [f"{INDENT}ledger   {note}" for note in _texts(result, "ledger")]
    if skipped := _texts(result, "skipped"):
        lines.append(f"{INDENT}after that not run: {', '.join(skipped)}")
    lines += _replay(scenario, result, words)
    return "\n".join(lines)


def completed(text: str, lines: Sequence[str]) -> str:
    """The text of a failed cell with lines that were known only later, put before what to do about it."""
    before, mark, after = _parted(text)
    return "\n".join([*before, *(f"{INDENT}{line}" for line in lines), *mark, *after])


def shortened(text: str, line: str) -> str:
    """The text of a failed cell that says nothing which another one has not said already: its headline, a pointer, how to run it again."""
    before, mark, after = _parted(text)
    return "\n".join([*before[:1], f"{INDENT}{line}", *mark, *after])


def _parted(text: str) -> tuple[list[str], list[str], list[str]]:
    """The lines before the replay command, its line, and those after it."""
    lines = text.split("\n")
    at = next((index for index, line in enumerate(lines) if line.startswith(f"{INDENT}replay   ")), len(lines))
    return lines[:at], lines[at : at + 1], lines[at + 1 :]


def _texts(result: CellResult, key: str) -> tuple[str, ...]:
    value = result.details.get(key, ())
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def harness_error_text(scenario: Scenario, result: CellResult, words: Wording) -> str:
    """A fault of the harness says nothing about the artifact, and the text says so."""
    lines = [_headline("HARNESS ERROR", scenario, result), f"{INDENT}{result.reason}", f"{INDENT}this is no verdict about {result.artifact}"]
    return "\n".join([*lines, *_replay(scenario, result, words)])


def _headline(word: str, scenario: Scenario, result: CellResult) -> str:
    case = f" :: {result.case}" if result.case else ""
    return f"{word}  {scenario.id}{case}   on {result.artifact}"


def _step(scenario: Scenario, result: CellResult, name: str, words: Wording) -> Iterator[str]:
    findings = [finding for finding in result.findings if finding.step == name]
    yield f"{INDENT}{_place(scenario, name)}{_where(findings[0].position, words)}"
    yield from (f"{INDENT}called from {_where(position, words)}" for position in reversed(_calls(scenario, name)))
    for finding in findings:
        yield from (f"{INDENT}{line}" for line in finding.message.splitlines() or [finding.aspect])
        yield from (f"{INDENT}  {line}" for line in finding.diff)
    observation = next((o for o in reversed(result.observations) if o.step == name), None)
    if observation is not None and observation.argv:
        yield f"{INDENT}{' · '.join(_remarks(observation, findings, judged=not _goes_on(scenario, name)))}"
        for stream, data in raw_streams(observation):
            yield f"{INDENT}raw      {LAST}/{raw_path(result, name, stream)}"
            if words.raw:
                yield from (f"{INDENT}  {line}" for line in excerpt(decode(data), "|", RAW_LINES))


def _place(scenario: Scenario, name: str) -> str:
    for index, step in enumerate(scenario.steps, start=1):
        if step.id == name:
            return f"step {index} of {len(scenario.steps)}  {name}      "
    if any(step.id == name for step in scenario.always):
        return f"finally  {name}      "
    return f"{name}      " if name else ""


def _calls(scenario: Scenario, name: str) -> tuple[Position, ...]:
    """Where a step of a procedure was called from, outermost first."""
    return next((step.calls for step in (*scenario.steps, *scenario.always) if step.id == name), ())


def _where(position: Position, words: Wording) -> str:
    path = Path.cwd() / position.path
    return f"{relative_to_root(path, words.root)}:{position.line}"


def _goes_on(scenario: Scenario, name: str) -> bool:
    """Whether the step leaves a program running behind it, so that nothing was said of how that ends."""
    return any(step.id == name and isinstance(step.verb, StartSpec) for step in (*scenario.steps, *scenario.always))


def _remarks(observation: Observation, findings: list[Finding], *, judged: bool) -> Iterator[str]:
    """What was right about the step: it narrows the search. What was not judged is told as it is."""
    wrong = {finding.aspect for finding in findings}
    if observation.exit is None:
        # The step is over before the program is: nothing of it was judged but what was waited for.
        yield "it ran on"
    else:
        # A program that was ended by the harness owes nothing that could have been as expected.
        cut_short = bool(wrong & {"timeout", "network"}) or any(finding.check == "running" for finding in findings)
        yield f"{observation.exit}" if cut_short or not judged or "exit" in wrong else f"{observation.exit} as expected"
        outputs = (("screen", observation.screen),) if observation.terminal is not None else (("stdout", observation.stdout), ("stderr", observation.stderr))
        for name, text in outputs:
            if name in wrong or cut_short:
                continue
            if judged:
                yield f"{name} as expected" if text else f"{name} empty as expected"
            elif text:
                yield f"{name} is not empty"
        yield f"{observation.seconds * 1000:.0f} ms"
    if observation.attempts > 1:
        yield f"{observation.attempts} attempts"


def _replay(scenario: Scenario, result: CellResult, words: Wording) -> Iterator[str]:
    node = relative_to_root(scenario.path, words.root) + f"::{result.case or scenario.path.stem}"
    yield f"{INDENT}replay   " + " ".join([words.command, *words.options, f'"{node}"', f"--artifact={result.artifact}", "--keep"])
    if capsule_path(result) in _texts(result, "kept"):
        yield f"{INDENT}capsule  {LAST}/{capsule_path(result)}"
    kept = result.details.get("sandbox")
    if kept:
        yield f"{INDENT}sandbox  {kept}"


def raw_streams(observation: Observation) -> tuple[tuple[str, bytes], ...]:
    """The streams that are worth keeping."""
    return tuple((name, raw) for name, raw in observation.streams() if raw)


def raw_path(result: CellResult, step: str, stream: str) -> str:
    """Where the raw bytes of a stream lie below the folder of the run."""
    return f"{result.scenario}/{result.case or '-'}/{result.artifact}/{step}.{stream}"


def capsule_path(result: CellResult) -> str:
    """Where the replay capsule of a cell lies below the folder of the run."""
    return f"capsules/{result.scenario}/{result.case or '-'}/{result.artifact}.zip"
