"""The generated parser and its Typer twin agree: bound values, value sources, standard output, standard error, exit code.

Both run in one process over argument vectors made from the real command tree: typing slips, `=`, clusters, `--`, missing
and repeated values, unusual characters, and help at every width.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

import click
import pytest
import typer.core
import typer.main

from cli.declaration.application import app
from cli.declaration.marks import Bound, Requested
from cli.generator.reading import read_application
from omnirelay import __main__ as shipped
from omnirelay import grammar, system
from omnirelay._generated import registry
from omnirelay.session import Session
from omnirelay.suggestions import close_matches

VECTORS = 20_000
MODEL = {command.path: command for command in read_application().commands}


@dataclass(frozen=True, slots=True)
class Seen:
    """All that can be observed of one parse."""

    verb: str
    values: tuple[tuple[str, object], ...]
    given: frozenset[str]
    out: str
    err: str
    code: int


class Recorder(Session):
    """A session that keeps what is written."""

    def __init__(self) -> None:
        super().__init__("jit", registry.PARSER_HASH)
        self.written: dict[str, list[str]] = {"out": [], "err": []}

    def out(self, text: str) -> None:
        self.written["out"].append(text)

    def err(self, text: str) -> None:
        self.written["err"].append(text)


def ours(words: list[str]) -> Seen:
    try:
        outcome = grammar.interpret(registry.ROOT, registry.node, list(words))
    except grammar.Refused:
        outcome = None
    if outcome is not None and outcome.action == "run":
        return Seen(outcome.node.path, tuple(sorted(outcome.values.items())), outcome.given, "", "", 0)
    if outcome is not None and outcome.action in ("version", "artifact-info"):
        return Seen(outcome.action, (), frozenset(), "", "", 0)
    session = Recorder()
    code = shipped._dispatch(session, list(words))
    return Seen("", (), frozenset(), "".join(session.written["out"]), "".join(session.written["err"]), code)


class Twin:
    """The Typer application; remembers the context in which a verb was invoked."""

    def __init__(self) -> None:
        self.command = typer.main.get_command(app)
        self.context: click.Context | None = None

    def run(self, words: list[str]) -> Seen:
        out, err = io.StringIO(), io.StringIO()
        self.context = None
        result: object = None
        code = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                result = self.command.main(list(words), prog_name="omnirelay", standalone_mode=False, complete_var="")
            except Requested as request:
                return Seen(request.action, (), frozenset(), "", "", 0)
            except click.ClickException as refusal:
                refusal.show()
                code = 1
        if isinstance(result, Bound):
            return self._bound(result)
        return Seen("", (), frozenset(), out.getvalue(), err.getvalue(), code)

    def _bound(self, result: Bound) -> Seen:
        context = self.context
        assert context is not None
        sources = {name: context.get_parameter_source(name) for name in result.values}
        given = frozenset(name for name, source in sources.items() if source is click.core.ParameterSource.COMMANDLINE)
        rest = {source for name, source in sources.items() if name not in given}
        assert rest <= {click.core.ParameterSource.DEFAULT}
        return Seen(context.command_path, tuple(sorted(result.values.items())), given, "", "", 0)


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Twin:
    found = Twin()
    invoke = typer.core.TyperCommand.invoke

    def remember(self: typer.core.TyperCommand, context: click.Context) -> object:
        found.context = context
        return invoke(self, context)

    monkeypatch.setattr(typer.core.TyperCommand, "invoke", remember)
    monkeypatch.setattr(system, "is_terminal", lambda descriptor: False)
    return found


@contextlib.contextmanager
def terminal_of(columns: str) -> Iterator[None]:
    """Both programs see the same COLUMNS: `os.environ` lies over the very table that the shipped program reads."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = columns
    try:
        yield
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before


VALUES = [
    "http://127.0.0.1:9", "5s", "table", "JSON", "Table", "0", "1", "2", "xml", "", " ", "-", "--", "-u", "--url", "=", "a=b", "text", "TEXT",
    "ﬀ", "İ", "\u1e9e", "tab\tle", "line\nbreak", "it's", '"', "\\", "\x1b[31mred\x1b[0m", "\x1b[", "\udcff", "漢字", "--format=json", "-y", "json ", "jſon",
]  # fmt: skip
REFUSALS = ["No such option", "Did you mean", "Possible", "not one of", "extra", "requires", "Missing", "does not take"]
COLUMNS = ["80", "40", "52", "53", "57", "58", "60", "79", "200", "0", "-5", "x", "", " 66 ", "6_6", "1e2"]


class Maker:
    """Argument vectors out of the command tree, with slips."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.paths = list(MODEL)

    def vector(self) -> list[str]:
        path = self.random.choice(self.paths)
        words: list[str] = []
        node = "omnirelay"
        for step in path.split(" ")[1:]:
            if self.random.random() < 0.04:
                words += self.option(node)
            words.append(self.slip(step) if self.random.random() < 0.06 else step)
            node += " " + step
        for _ in range(self.random.choice([0, 0, 1, 1, 1, 2, 2, 3, 4])):
            words += self.option(path) if self.random.random() < 0.85 else [self.loose()]
        if self.random.random() < 0.1 and words:
            self.disturb(words)
        return words

    def option(self, path: str) -> list[str]:
        names = [name for name, _ in MODEL[path].long] + [name for name, _ in MODEL[path].short]
        name = self.random.choice(names)
        if self.random.random() < 0.12:
            name = self.slip(name)
        value = self.random.choice(VALUES)
        choice = self.random.random()
        if choice < 0.45:
            return [name, value]
        if choice < 0.65:
            return [name + "=" + value]
        if choice < 0.8:
            return [name]
        if choice < 0.9:
            return ["-" + "".join(self.random.choice("uyhx=-q") for _ in range(self.random.randint(1, 4))) + value]
        return [name + value, value]

    def loose(self) -> str:
        return self.random.choice([*VALUES, "mesh", "peers", "list", "--", "-x", "?", "/h", "@file", "--help", "-h", "--version", "--artifact-info"])

    def slip(self, word: str) -> str:
        at = self.random.randrange(len(word) + 1)
        choice = self.random.random()
        if choice < 0.3:
            return word[:at] + word[at + 1 :]
        if choice < 0.6:
            return word[:at] + self.random.choice("abelstu-=é") + word[at:]
        if choice < 0.75:
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        if choice < 0.9:
            return word.upper()
        return word * self.random.choice([2, 30])

    def disturb(self, words: list[str]) -> None:
        at = self.random.randrange(len(words) + 1)
        choice = self.random.random()
        if choice < 0.5:
            words.insert(at, self.loose())
        elif choice < 0.8 and words:
            words.pop(min(at, len(words) - 1))
        else:
            words.insert(at, "--")


def test_random_vectors_agree(twin: Twin) -> None:
    maker = Maker(20250102)
    verbs: set[str] = set()
    refusals: set[str] = set()
    width = "80"
    for number in range(VECTORS):
        if number % 50 == 0:
            width = maker.random.choice(COLUMNS)
        words = maker.vector()
        with terminal_of(width):
            expected, found = twin.run(words), ours(words)
        assert found == expected, f"COLUMNS={width!r} {words!r}"
        verbs.add(found.verb)
        refusals.update(word for word in REFUSALS if word in found.err)
    # The vectors reach every verb, every action and every kind of refusal; otherwise this test proves little.
    assert verbs >= {path for path, command in MODEL.items() if command.work} | {"version", "artifact-info", ""}
    assert refusals == set(REFUSALS)


def test_every_help_page_agrees_at_every_width(twin: Twin) -> None:
    for columns in [*range(40, 201, 3), *range(50, 82)]:
        with terminal_of(str(columns)):
            for path in MODEL:
                words = [*path.split(" ")[1:], "--help"]
                assert ours(words) == twin.run(words), (columns, words)


@pytest.mark.parametrize(
    "words",
    [
        ["--"], ["--", "--mesh"], ["--", "--mesh", "mesh"], ["--", "--"], ["--", "--", "mesh"], ["--", "-"], ["--", "--help"], ["--", "--version"],
        ["--", "?mesh"], [""], ["--help", "--version"], ["--version", "--help"], ["--version", "--bogus"], ["mesh", "--version"], ["-hx"],
        ["mesh", "peers", "list", "-hu"], ["mesh", "peers", "list", "--format", "x", "-h"], ["mesh", "peers", "list", "a" * 400], ["x" * 400],
        ["mesh", "peers", "list", "--forma"], ["mesh", "upgrade", "drain", "--rea", "x"], ["mesh", "upgrade", "drain", "-yu", "x", "-yy"],
        ["mesh", "peers", "list", "--format", "jſon"],
        ["mesh", "upgrade", "r", "--"], ["mesh", "upgrade", "drai", "resume"], ["mesh", "upgrade", "status", "--json=1"],
    ],
)  # fmt: skip
def test_corner_cases_agree(twin: Twin, words: list[str]) -> None:
    with terminal_of("80"):
        assert ours(words) == twin.run(words)


def test_near_names_are_those_of_difflib() -> None:
    chance = random.Random(7)

    def word(longest: int) -> str:
        return "".join(chance.choice("abc-") for _ in range(chance.randint(0, longest)))

    for _ in range(5000):
        names = tuple({"-" + word(12) for _ in range(5)})
        typed = word(14)
        assert close_matches(typed, names) == difflib.get_close_matches(typed, names), (typed, names)
    for size in (190, 199, 200, 260):
        typed = "ab" * (size // 2)
        assert close_matches(typed, ("ab" * 32, "a" * 64)) == difflib.get_close_matches(typed, ("ab" * 32, "a" * 64))
