"""The verdict over one step that ran a process: every way in which it may deviate is accounted for, also those nobody wrote down.

A stream that the scenario does not mention must be empty; the exit code that it does not mention must be 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.compare.base import CheckContext
from harness.compare.exits import exit_values
from harness.compare.files import check_files
from harness.compare.kinds.registry import kind_of
from harness.compare.text import excerpt
from harness.model.observation import Exit, Observation
from harness.model.step import Step, StreamExpectation
from harness.model.verdict import Finding


def judge(step: Step, observation: Observation, context: CheckContext) -> tuple[Finding, ...]:
    """What is wrong with an observation, most telling first; empty when everything holds.

    After a time limit nothing else is judged: streams and exit of a killed process say nothing about the program.
    """
    if observation.timed_out:
        return (
            Finding(step.id, "timeout", f"no end within {observation.limit or 'the time limit'}", step.position, (), "timeout"),
            *_orphans(step, observation),
        )
    return tuple(_findings(step, observation, context))


def _findings(step: Step, observation: Observation, context: CheckContext) -> Iterator[Finding]:
    if observation.exit is not None:
        yield from _exit(step, observation.exit, context)
    for expectation, raw in ((step.stdout, observation.stdout), (step.stderr, observation.stderr)):
        yield from _stream(step, expectation, raw, observation.cut.get(expectation.stream, 0), context)
    yield from check_files(step.id, step.files, observation.files, step.position)
    yield from _orphans(step, observation)


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


def _stream(step: Step, expectation: StreamExpectation, raw: bytes, cut: int, context: CheckContext) -> Iterator[Finding]:
    if expectation.ignore is not None:
        return
    name = expectation.stream
    stream = context.stream(name, raw)
    if cut:
        yield Finding(step.id, name, f"{name} is longer than the output limit; {cut} bytes were dropped", step.position, (), "output-limit")
    invalid = _invalid_utf8(raw)
    if invalid is not None:
        yield Finding(step.id, name, f"{name} is not UTF-8: byte 0x{raw[invalid]:02x} at offset {invalid}", step.position, (), "utf-8")
    if not expectation.assertions and raw:
        yield Finding(step.id, name, f"{name} must be empty: the step does not mention it", step.position, excerpt(stream.text), "empty")
    for assertion in expectation.assertions:
        yield from kind_of(assertion).check(assertion, step.id, stream, context)


def _invalid_utf8(raw: bytes) -> int | None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _orphans(step: Step, observation: Observation) -> tuple[Finding, ...]:
    return tuple(Finding(step.id, "leak", f"a process outlived the step and was killed: {name}", step.position, (), "orphan") for name in observation.orphans)
