"""Scenarios out of the corpus: each vector a case, so that every artifact answers it as a process, exit code and both streams exact.

A vector that a parser answers is run as it is. What a verb that needs more would be given is shown by `explain`, whose values are held against
those that Typer bound. Left to `processes` are vectors that a scenario cannot state: words that are no UTF-8, a terminal (its driver
changes what is printed), and a COLUMNS that is not set.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.equivalence.corpus import CorpusError, Record
from cli.equivalence.parsers import ROOT
from cli.equivalence.vector import Vector
from cli.publish.cache import write_atomically
from omnirelay import grammar
from omnirelay._generated import registry
from omnirelay.commands.explain import Explanation, as_json
from omnirelay.jsontext import compact
from omnirelay.parse_trace import label

SCENARIOS = ROOT / "scenarios"
PLACE = Path("unit") / "parser"
SAMPLES = 8
"""How many vectors of each subject are in the sample that every run of the tests makes."""
CASES = 200
_LONGEST_LINE = 120
_MARK = "# Written by `python -m cli.equivalence record` from cli/tests/vectors/corpus.jsonl. Do not edit.\n"


EXPLAIN = ("explain", "--format", "json", "--")
"""In front of a vector whose meaning is asked for."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a scenario: what is run and what must come of it."""

    id: str
    columns: str | None
    args: tuple[str, ...]
    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of scenario."""

    name: str
    title: str
    why: str
    covers: str
    run: str


ANSWERS = Sheet(
    "answers",
    "A command line gets the answer that Typer gives",
    "Help, refusals and constant answers come from three parsers; operators must not be able to tell which.",
    '["cli/1.2", "D2", "D3"]',
    '["${*case.args}"]',
)
VALUES = Sheet(
    "bound-values",
    "A command line means what Typer makes of it: each value and where it came from",
    "A value that is bound differently in one build would drain the wrong node.",
    '["cli/1.2", "D1", "D2"]',
    f'[{", ".join(json.dumps(word) for word in EXPLAIN)}, "${{*case.args}}"]',
)


def runnable(vector: Vector) -> bool:
    """Whether a scenario can state the vector."""
    texts = (*vector.words, vector.columns or "")
    return vector.columns is not None and not vector.width and not vector.terminals and not any(_has_surrogate(text) for text in texts)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def sample(records: Sequence[Record]) -> dict[Path, str]:
    """The committed scenarios: the same few of each subject every time, spread over all of them."""
    return {SCENARIOS / PLACE / name: text for name, text in _files(_sampled(records))}


def written() -> list[Path]:
    """The scenarios of the sample that are there now."""
    return sorted((SCENARIOS / PLACE).glob("*.toml"))


def write_all(records: Sequence[Record], place: Path) -> tuple[int, int, int]:
    """A scenario tree of every vector that a scenario can state; how many these are, in how many files, and how many are left out."""
    shutil.rmtree(place, ignore_errors=True)
    stated = [record for record in records if runnable(record.vector)]
    files = list(_files(stated))
    for name, text in files:
        write_atomically(place / PLACE / name, text.encode())
    return len(stated), len(files), len(records) - len(stated)


def _sampled(records: Sequence[Record]) -> Iterator[Record]:
    by_subject: dict[tuple[str, bool], list[Record]] = defaultdict(list)
    for record in records:
        if runnable(record.vector):
            by_subject[record.subject, _is_answer(record)].append(record)
    for members in by_subject.values():
        step = max(1, len(members) // SAMPLES)
        yield from members[::step][:SAMPLES]


def _is_answer(record: Record) -> bool:
    """Whether the vector itself can be run: it is answered without a server, and with the same bytes by every artifact."""
    seen = record.seen
    return seen.action in ("answer", "version") or (seen.action == "run" and registry.gear(seen.path) == "front")


def _files(records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    cases: dict[Sheet, list[Case]] = {ANSWERS: [], VALUES: []}
    for record in records:
        sheet = ANSWERS if _is_answer(record) else VALUES
        cases[sheet].append(case_of(record, f"{record.subject}-{len(cases[sheet]) + 1}"))
    for sheet, members in cases.items():
        for start in range(0, len(members), CASES):
            part = f"-{start // CASES + 1}" if len(members) > CASES else ""
            yield f"{sheet.name}{part}.toml", _scenario(sheet, members[start : start + CASES])


def case_of(record: Record, name: str) -> Case:
    """What is run for a vector and what must come of it, the arguments without those that `arguments` puts in front."""
    return _answered(record, name) if _is_answer(record) else _explained(record, name)


def arguments(record: Record) -> tuple[str, ...]:
    """What the program is given for a vector: the vector, or the question what it would mean."""
    return record.vector.words if _is_answer(record) else (*EXPLAIN, *record.vector.words)


def _answered(record: Record, name: str) -> Case:
    seen, vector = record.seen, record.vector
    stdout = "<version>\n" if seen.action == "version" else seen.stdout
    return Case(name, vector.columns, vector.words, seen.code, stdout, seen.stderr)


def _explained(record: Record, name: str) -> Case:
    seen, vector = record.seen, record.vector
    explanation = Explanation(list(vector.words))
    found = {named: (value, given) for named, value, given in explanation.values}
    expected = {}
    if seen.action == "run":
        node = registry.node(seen.path)
        labels = {parameter.name: label(node, index) for index, parameter in enumerate(node.parameters) if parameter.kind != grammar.ACTION}
        expected = {labels[key]: (value, key in seen.given) for key, value in seen.values}
    if explanation.outcome != seen.action or found != expected or (seen.path and explanation.trace.node.path != seen.path):
        raise CorpusError(f"explain and the Typer twin differ about {vector.words!r}; run the tests of cli/tests/test_cli_vectors.py")
    return Case(name, vector.columns, vector.words, 0, compact(as_json(explanation)) + "\n", "")


def _scenario(sheet: Sheet, cases: Sequence[Case]) -> str:
    head = f'{_MARK}#:schema ../../../harness/schema/scenario-1.json\nformat = 1\ntitle = "{sheet.title}"\nwhy = "{sheet.why}"\ncovers = {sheet.covers}\n'
    step = (
        f'\n[[step]]\nid = "look"\nrun = {sheet.run}\nenv = {{ COLUMNS = "${{case.columns}}" }}\nexit = "${{case.code}}"\n'
        'stdout.equals = "${case.stdout}"\nstderr.equals = "${case.stderr}"\n'
    )
    return head + "".join(_case(case) for case in cases) + step


def _case(case: Case) -> str:
    return (
        f'\n[[case]]\nid = "{case.id}"\nargs = {_list(case.args)}\ncolumns = {_string(case.columns or "")}\ncode = {case.code}\n'
        f"stdout = {_string(case.stdout)}\nstderr = {_string(case.stderr)}\n"
    )


def _list(words: Sequence[str]) -> str:
    """A list as `conformance fmt` lays it out: on one line, if that is not too long."""
    items = [_string(word) for word in words]
    line = f"[{', '.join(items)}]"
    if len(items) < 2 or len("args = ") + len(line) <= _LONGEST_LINE:
        return line
    return "[\n" + "".join(f"  {item},\n" for item in items) + "]"


def _string(text: str) -> str:
    """A basic string of TOML; what is not printable is written as an escape, and a dollar sign twice, because one begins a placeholder."""
    return '"' + "".join(_character(character) for character in text.replace("$", "$$")) + '"'


def _character(character: str) -> str:
    if character.isprintable() and character not in '"\\':
        return character
    code = ord(character)
    if code < 0x80 and code != 0x7F:
        return json.dumps(character)[1:-1]
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
