"""JUnit XML: one suite per artifact, one test case per cell, in the dialect that both the Jenkins xUnit schema and the older Ant schema accept.

JUnit knows passed, failed, error and skipped, so the other verdicts are told apart by the ``type`` and the message of ``skipped``: whoever counts
``skipped`` as passed does so against the text. What is wrong beyond single cells is a suite of errors, and what was not run a suite of skipped rows, so
that a run that was not green has no green file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from harness.model.verdict import Verdict
from harness.report.run import CellEvent, NotRunEvent, Run
from harness.report.visible import visible
from harness.report.wording import explanation, headline

ERROR = "error"
SKIPPED = "skipped"
FAILURE = "failure"
ELEMENTS = {
    Verdict.PASSED.value: "",
    Verdict.FAILED.value: FAILURE,
    Verdict.HARNESS_ERROR.value: ERROR,
}
"""What is not named here is ``skipped``."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case; ``element`` is empty when it passed."""

    classname: str
    name: str
    seconds: float = 0.0
    element: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Suite:
    name: str
    cases: Sequence[_Case]
    properties: tuple[tuple[str, str], ...] = ()

    def count(self, element: str) -> int:
        return sum(case.element == element for case in self.cases)

    @property
    def seconds(self) -> float:
        return sum(case.seconds for case in self.cases)


def junit(run: Run) -> Iterator[str]:
    """The file in pieces."""
    suites = [*_artifacts(run), *_rows("problems", run.problems, ERROR), *_rows("not run", run.gaps, SKIPPED)]
    attributes = {
        "name": run.program,
        "tests": str(sum(len(suite.cases) for suite in suites)),
        "failures": str(sum(suite.count(FAILURE) for suite in suites)),
        "errors": str(sum(suite.count(ERROR) for suite in suites)),
        "time": _time(sum(suite.seconds for suite in suites)),
    }
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f"<testsuites{_attributes(attributes)}>\n"
    for number, suite in enumerate(suites):
        yield from _suite(run, suite, number)
    yield "</testsuites>\n"


def _artifacts(run: Run) -> Iterator[_Suite]:
    cells = {name: list(group) for name, group in groupby(sorted(run.cells, key=lambda cell: (cell.artifact, *cell.identity)), lambda cell: cell.artifact)}
    for artifact in run.artifacts:
        cases = [_case(run, cell) for cell in cells.get(artifact.id, [])]
        facts = [("sha256", artifact.sha256), ("version", artifact.version), ("suite", run.suite), ("reproduce", run.reproduce_all())]
        if run.shard:
            facts.append(("shard", str(run.shard)))
        yield _Suite(artifact.id, cases, tuple(facts))


def _case(run: Run, cell: CellEvent) -> _Case:
    classname = f"{cell.artifact}.{cell.scenario}"
    name = cell.case or cell.scenario.rpartition("/")[2]
    element = ELEMENTS.get(cell.shown, SKIPPED)
    if not element:
        return _Case(classname, name, cell.seconds)
    return _Case(classname, name, cell.seconds, element, cell.shown, headline(cell), "\n".join(explanation(run, cell)))


def _rows(name: str, rows: tuple[NotRunEvent, ...], element: str) -> Iterator[_Suite]:
    if rows:
        yield _Suite(name, [_Case(name, row.what, element=element, kind=name, message=row.why) for row in rows])


def _suite(run: Run, suite: _Suite, number: int) -> Iterator[str]:
    from xml.sax.saxutils import escape  # brings a URL library: only for who writes this format

    attributes = {
        "name": suite.name,
        "package": run.program,
        "id": str(number),
        "tests": str(len(suite.cases)),
        "failures": str(suite.count(FAILURE)),
        "errors": str(suite.count(ERROR)),
        "skipped": str(suite.count(SKIPPED)),
        "time": _time(suite.seconds),
        # The Ant schema wants a local time without a zone, and a host.
        "timestamp": run.started.removesuffix("Z") or "1970-01-01T00:00:00",
        "hostname": "localhost",
    }
    yield f"<testsuite{_attributes(attributes)}>\n<properties>\n"
    yield from (f"<property{_attributes({'name': name, 'value': value})}/>\n" for name, value in suite.properties)
    yield "</properties>\n"
    for case in suite.cases:
        start = f"<testcase{_attributes({'classname': case.classname, 'name': case.name, 'time': _time(case.seconds)})}"
        if case.element:
            inner = _attributes({"type": case.kind, "message": case.message})
            yield f"{start}><{case.element}{inner}>{escape(visible(case.text))}</{case.element}></testcase>\n"
        else:
            yield f"{start}/>\n"
    yield "<system-out/>\n<system-err/>\n</testsuite>\n"


def _attributes(values: dict[str, str]) -> str:
    from xml.sax.saxutils import quoteattr

    # A line end inside an attribute is read back as a blank unless it is written as a reference.
    return "".join(f" {name}={quoteattr(visible(value), {chr(10): '&#10;', chr(13): '&#13;', chr(9): '&#9;'})}" for name, value in values.items())


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
