"""The verdict over one step that ran a process: every way in which it may deviate is accounted for, also those nobody wrote down.

A stream that the scenario does not mention must be empty; the exit code that it does not mention must be 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from harness.compare.base import CheckContext
from harness.compare.exits import exit_values
from harness.compare.files import check_files
from harness.compare.kinds.registry import kind_of
from harness.compare.text import excerpt
from harness.model.observation import Exit, Observation
from harness.model.step import Step, StreamExpectation
from harness.model.verdict import Finding

_TOLD_ORPHANS: Final = 20


def judge(step: Step, observation: Observation, context: CheckContext) -> tuple[Finding, ...]:
    """What is wrong with an observation, most telling first; empty when everything holds.

    After a limit of time or files nothing else is judged: streams and exit of a killed process say nothing about the program.
    """
    if observation.timed_out:
        return (
            Finding(step.id, "timeout", f"no end within {observation.limit or 'the time limit'}", step.position, (), "timeout"),
            *orphans(step, observation),
        )
    if observation.overfull:
        return (Finding(step.id, "files", observation.overfull, step.position, (), "limit"), *orphans(step, observation))
    if observation.opened_network:
        message = 'the program opened an internet socket and was ended, because the step says network = "none"'
        return (Finding(step.id, "network", message, step.position, (), "network"), *orphans(step, observation))
    return tuple(_findings(step, observation, context))


def _findings(step: Step, observation: Observation, context: CheckContext) -> Iterator[Finding]:
    if observation.exit is not None:
        yield from _exit(step, observation.exit, context)
    for expectation, raw in _outputs(step, observation):
        yield from _stream(step, expectation, raw, observation, context)
    if observation.terminal is not None and step.screen.ignore is None:
        yield from _bytes(step, "terminal", observation.terminal)
    yield from check_files(step.id, step.files, observation.files, step.position)
    yield from orphans(step, observation)


def judge_so_far(step: Step, observation: Observation, context: CheckContext) -> tuple[Finding, ...]:
    """What does not hold yet of a program that still runs; streams that the step does not mention are not looked at."""
    findings: list[Finding] = []
    for expectation, raw in _outputs(step, observation):
        if expectation.ignore is None and expectation.assertions:
            stream = context.stream(expectation.stream, raw, observation.terminal)
            for assertion in expectation.assertions:
                findings += kind_of(assertion).check(assertion, step.id, stream, context)
    return tuple(findings)


def _outputs(step: Step, observation: Observation) -> tuple[tuple[StreamExpectation, bytes], ...]:
    if observation.terminal is not None:
        return ((step.screen, observation.screen.encode("utf-8", "backslashreplace")),)
    return ((step.stdout, observation.stdout), (step.stderr, observation.stderr))


def _dropped(observation: Observation, stream: str) -> int:
    return observation.cut.get("terminal" if stream == "screen" else stream, 0)


def _exit(step: Step, actual: Exit, context: CheckContext) -> Iterator[Finding]:
    expected = step.exit
    if expected.column is not None:
        codes, signals = exit_values(context.resolve_value(expected.column))
    else:
        codes, signals = expected.codes, expected.signals
    if not codes and not signals:
        codes = (0,)
    if actual.signal not in signals if actual.signal is not None else actual.code not in codes:
        wanted = " or ".join([*(f"exit {code}" for code in codes), *(f"signal {name}" for name in signals)])
        yield Finding(step.id, "exit", f"{actual} instead of {wanted}", step.position, (f"- {wanted}", f"+ {actual}"), "exit")


def _stream(step: Step, expectation: StreamExpectation, raw: bytes, observation: Observation, context: CheckContext) -> Iterator[Finding]:
    if expectation.ignore is not None:
        return
    name = expectation.stream
    stream = context.stream(name, raw, observation.terminal)
    if cut := _dropped(observation, name):
        yield Finding(step.id, name, f"{name} is longer than the output limit; {cut} bytes were dropped", step.position, (), "output-limit")
    yield from _bytes(step, name, raw)
    if not expectation.assertions and raw:
        yield Finding(step.id, name, f"{name} must be empty: the step does not mention it", step.position, excerpt(stream.text), "empty")
    for assertion in expectation.assertions:
        yield from kind_of(assertion).check(assertion, step.id, stream, context)


def _bytes(step: Step, name: str, raw: bytes) -> Iterator[Finding]:
    invalid = _invalid_utf8(raw)
    if invalid is not None:
        yield Finding(step.id, name, f"{name} is not UTF-8: byte 0x{raw[invalid]:02x} at offset {invalid}", step.position, (), "utf-8")


def _invalid_utf8(raw: bytes) -> int | None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def orphans(step: Step, observation: Observation, prefix: str = "") -> tuple[Finding, ...]:
    """One finding for each command line, however many processes have it: a program can start thousands. None for as many as the step allows."""
    if len(observation.orphans) <= step.leaks.processes:
        return ()
    counted = Counter(observation.orphans)
    told = [f"{prefix}a process outlived the step and was killed: {name}{f' ({number} processes)' if number > 1 else ''}" for name, number in counted.items()]
    if len(told) > _TOLD_ORPHANS:
        told = [*told[:_TOLD_ORPHANS], f"{prefix}processes with {len(told) - _TOLD_ORPHANS} other command lines outlived the step, too"]
    return tuple(Finding(step.id, "leak", message, step.position, (), "orphan") for message in told)
