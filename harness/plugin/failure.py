"""The text of a failed cell: which scenario, artifact and step, how it differs, how to run it again, and where the raw output is."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.model.observation import Observation
from harness.model.scenario import Scenario
from harness.model.verdict import CellResult, Finding
from harness.plugin.settings import Settings, relative_to_root

INDENT = " " * 6
LAST = ".harness/last"


@dataclass(frozen=True, slots=True)
class Wording:
    """What the text needs to know of the run: where it is read, how pytest was started, which options to repeat."""

    root: Path
    command: str
    options: tuple[str, ...]


def wording(settings: Settings) -> Wording:
    return Wording(settings.root, _pytest_command(settings.root), settings.replay)


def _pytest_command(root: Path) -> str:
    """How to start this pytest from ``root``: by its bare name only when a shell would find the same one."""
    mine = Path(sys.executable).parent / "pytest"
    found = shutil.which("pytest")
    if found and Path(found) == mine:
        return "pytest"
    if mine.exists():
        return shlex.quote(relative_to_root(mine, root))
    return f"{shlex.quote(sys.executable)} -m pytest"


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
    yield f"{INDENT}{_place(scenario, name)}{_where(findings[0], words)}"
    for finding in findings:
        yield from (f"{INDENT}{line}" for line in finding.message.splitlines() or [finding.aspect])
        yield from (f"{INDENT}  {line}" for line in finding.diff)
    observation = next((o for o in reversed(result.observations) if o.step == name), None)
    if observation is not None and observation.exit is not None:
        yield f"{INDENT}{' · '.join(_remarks(observation, findings))}"
        for stream in raw_streams(observation):
            yield f"{INDENT}raw      {LAST}/{raw_path(result, name, stream)}"


def _place(scenario: Scenario, name: str) -> str:
    for index, step in enumerate(scenario.steps, start=1):
        if step.id == name:
            return f"step {index} of {len(scenario.steps)}  {name}      "
    if any(step.id == name for step in scenario.always):
        return f"finally  {name}      "
    return f"{name}      " if name else ""


def _where(finding: Finding, words: Wording) -> str:
    path = Path.cwd() / finding.position.path
    return f"{relative_to_root(path, words.root)}:{finding.position.line}"


def _remarks(observation: Observation, findings: list[Finding]) -> Iterator[str]:
    """What was right about the step: it narrows the search."""
    wrong = {finding.aspect for finding in findings}
    yield f"{observation.exit}" if wrong & {"exit", "timeout"} else f"{observation.exit} as expected"
    for name, raw in (("stdout", observation.stdout), ("stderr", observation.stderr)):
        if name not in wrong:
            yield f"{name} as expected" if raw else f"{name} empty as expected"
    yield f"{observation.seconds * 1000:.0f} ms"
    if observation.attempts > 1:
        yield f"{observation.attempts} attempts"


def _replay(scenario: Scenario, result: CellResult, words: Wording) -> Iterator[str]:
    node = relative_to_root(scenario.path, words.root) + f"::{result.case or scenario.path.stem}"
    yield f"{INDENT}replay   " + " ".join([words.command, *words.options, f'"{node}"', f"--artifact={result.artifact}", "--keep"])
    kept = result.details.get("sandbox")
    if kept:
        yield f"{INDENT}sandbox  {kept}"


def raw_streams(observation: Observation) -> tuple[str, ...]:
    """The streams that are worth keeping."""
    return tuple(name for name, raw in (("stdout", observation.stdout), ("stderr", observation.stderr)) if raw)


def raw_path(result: CellResult, step: str, stream: str) -> str:
    """Where the raw bytes of a stream lie below the folder of the run."""
    return f"{result.scenario}/{result.case or '-'}/{result.artifact}/{step}.{stream}"
