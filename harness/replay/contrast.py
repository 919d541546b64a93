"""How a second run differs from the recorded one: step by step, and in what the servers were asked. Both sides are normalised by what is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from harness.compare.text import diff_lines
from harness.model.observation import Observation
from harness.model.traffic import Exchange, is_marked
from harness.model.verdict import Finding
from harness.normalise.registry import decode, normalise
from harness.normalise.screen import normalise_screen
from harness.normalise.subject import Subject
from harness.replay.again import Replayed
from harness.replay.capsule import Capsule


@dataclass(frozen=True, slots=True)
class Difference:
    """One step, or one server, then and now; ``lines`` is empty where nothing differs."""

    what: str
    lines: tuple[str, ...]


def contrast(capsule: Capsule, again: Replayed) -> tuple[Difference, ...]:
    """Every step that either run came to, in order, then every server, then what the scenario found wrong."""
    findings = (_findings(capsule.findings), _findings(again.result.findings))
    return (*_steps(capsule, again), *_servers(capsule, again), Difference("findings", diff_lines(*findings)))


def _findings(findings: Iterable[Finding]) -> str:
    """Where a run deviated, without how: that is told step by step. What the suite's own rules added says nothing about the program."""
    return "".join(sorted({f"step {finding.step}: {finding.aspect}, {finding.check}\n" for finding in findings if finding.aspect not in ("ledger", "level")}))


def _steps(capsule: Capsule, again: Replayed) -> Iterator[Difference]:
    """Steps are held against each other by their ids: a step that deviates ends a run early, but for its ``finally`` steps."""
    then, now = capsule.observations, again.result.observations
    matcher = SequenceMatcher(None, [item.step for item in then], [item.step for item in now], autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            for before, after in zip(then[first:last], now[start:end], strict=True):
                yield Difference(f"step {before.step}", tuple(_step(before, capsule.subject, after, again.record.subject)))
        else:
            yield from (Difference(f"step {item.step}", ("- only the recorded run came to it",)) for item in then[first:last])
            yield from (Difference(f"step {item.step}", ("+ only this run came to it",)) for item in now[start:end])


def _step(before: Observation, then: Subject, after: Observation, now: Subject) -> Iterator[str]:
    ends = [f"no end within {item.limit}" if item.timed_out else str(item.exit or "no process") for item in (before, after)]
    if ends[0] != ends[1]:
        yield f"- {ends[0]}"
        yield f"+ {ends[1]}"
    for name, old, new in _texts(before, then, after, now):
        if old != new:
            yield f"{name}:"
            yield from diff_lines(old, new)
    for name in ("cut", "files"):
        if getattr(before, name) != getattr(after, name):
            yield f"- {name}: {getattr(before, name)}"
            yield f"+ {name}: {getattr(after, name)}"
    if before.orphans != after.orphans:
        yield f"- processes left: {', '.join(before.orphans) or 'none'}"
        yield f"+ processes left: {', '.join(after.orphans) or 'none'}"


def _texts(before: Observation, then: Subject, after: Observation, now: Subject) -> Iterator[tuple[str, str, str]]:
    """Streams as text; of a terminal what it showed, because how it came to be drawn is nobody's business.

    What a program that still ran had printed so far is a moment and no outcome: the next run is looked at a little earlier or later.
    """
    if before.exit is None and after.exit is None:
        return
    then, now = replace(then, arguments=before.argv), replace(now, arguments=after.argv)
    if before.terminal is not None or after.terminal is not None:
        yield "screen", normalise_screen(before.screen, before.terminal or b"", then), normalise_screen(after.screen, after.terminal or b"", now)
        return
    yield "stdout", normalise(decode(before.stdout), then), normalise(decode(after.stdout), now)
    yield "stderr", normalise(decode(before.stderr), then), normalise(decode(after.stderr), now)


def _servers(capsule: Capsule, again: Replayed) -> Iterator[Difference]:
    for name, recorded in sorted(capsule.traffic.items()):
        sides = []
        for exchanges, subject in ((recorded, capsule.subject), (again.record.traffic.get(name, ()), again.record.subject)):
            requests = [normalise(_request(exchange), subject) for exchange in exchanges if not is_marked(exchange.headers)]
            sides.append(_numbered(sorted(requests) if again.concurrent else requests))
        yield Difference(f"requests to {name}", diff_lines(*sides))


def _numbered(requests: Sequence[str]) -> str:
    return "".join(f"request {number}: {request}\n" for number, request in enumerate(requests, start=1))


def _request(exchange: Exchange) -> str:
    lines = [f"{exchange.method} {exchange.target}", *(f"  {name}: {value}" for name, value in exchange.headers)]
    if exchange.body:
        lines += [f"  {line}" for line in decode(exchange.body).splitlines()]
    return "\n".join(lines)
