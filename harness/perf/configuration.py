"""What is timed, read strictly from a committed TOML file; the engine knows nothing of the program under test.

A timed program is a list of arguments that every artifact is started with, the exit code it must end with, texts its output must contain,
the servers it talks to, and the reference arms that run beside it. ``${<server>.url}`` in an argument is the address of a declared server,
``${python}`` the interpreter that runs the harness, and ``${<artifact id>.interpreter}`` in a reference the interpreter that the first line
of that artifact's file names: what the artifact's own start is fairly compared with.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.perf.errors import TimingFileError

FILE_LIMIT = 256 * 1024
PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
INTERPRETER = re.compile(r"([a-z][a-z0-9-]{0,39})\.interpreter")
IDENTIFIER = re.compile(r"[a-z][a-z0-9-]{0,39}")
SOURCES = ("hello",)
"""Reference programs that the harness brings as C sources and builds itself."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a session samples: blocks, seconds, and the precision at which a cell has enough."""

    warmup: int
    least_blocks: int
    most_blocks: int
    precision: float
    """Stop once the 98 % half-width of every watched log ratio is at most this."""
    run_limit: float
    """Seconds after which one run counts as hung."""
    memory_runs: int
    step_seconds: float
    """How long one marked step of a scenario is sampled; longer where a limit needs more runs."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process that timed programs talk to: it prints one JSON line with ``url`` and ``admin`` when ready; ``reset`` is posted to ``admin``."""

    id: str
    argv: tuple[str, ...]
    reset: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Reference:
    """An arm that is no artifact: a C source of the harness, or a command of this machine."""

    id: str
    label: str
    source: str | None
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """One timed program."""

    id: str
    title: str
    args: tuple[str, ...]
    exit: int
    stdout_contains: tuple[str, ...]
    stderr_contains: tuple[str, ...]
    server: str | None
    references: tuple[str, ...]
    seconds: float
    memory: bool


@dataclass(frozen=True, slots=True)
class TimingPlan:
    """Everything the timing file says."""

    rules: Rules
    environment: Mapping[str, str]
    servers: tuple[Server, ...]
    references: tuple[Reference, ...]
    timings: tuple[Timing, ...]

    def reference(self, name: str) -> Reference:
        return next(reference for reference in self.references if reference.id == name)

    def server(self, name: str) -> Server:
        return next(server for server in self.servers if server.id == name)


class Table:
    """A TOML table whose keys must all be used up; every error names the file and the key."""

    def __init__(self, where: str, value: object) -> None:
        if not isinstance(value, dict):
            raise TimingFileError(f"{where}: a table is wanted here")
        self.where = where
        self._rest: dict[str, object] = dict(value)

    def fail(self, key: str, why: str) -> TimingFileError:
        return TimingFileError(f"{self.where}.{key}: {why}")

    def take(self, key: str, check: Callable[[object], bool], wanted: str, default: object = None) -> object:
        value = self._rest.pop(key, default)
        if value is None:
            raise self.fail(key, f"missing; {wanted} is wanted")
        if not check(value):
            raise self.fail(key, f"{wanted} is wanted, not {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return str(self.take(key, lambda value: isinstance(value, str) and bool(value), "a text that is not empty", default))

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self._rest else None

    def identifier(self, key: str = "id") -> str:
        def check(value: object) -> bool:
            return isinstance(value, str) and IDENTIFIER.fullmatch(value) is not None

        return str(self.take(key, check, "a short name of a-z, 0-9 and '-'"))

    def number(self, key: str, least: float, most: float, default: float | None = None) -> float:
        def check(value: object) -> bool:
            return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most

        return float(str(self.take(key, check, f"a number from {least:g} to {most:g}", default)))

    def optional_number(self, key: str, least: float, most: float) -> float | None:
        return self.number(key, least, most) if key in self._rest else None

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        def check(value: object) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

        return int(str(self.take(key, check, f"a whole number from {least} to {most}", default)))

    def flag(self, key: str) -> bool:
        return self.take(key, lambda value: isinstance(value, bool), "true or false", False) is True

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        def check(value: object) -> bool:
            return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)

        found = self.take(key, check, "a list of texts", default)
        assert isinstance(found, list | tuple)
        return tuple(found)

    def tables(self, key: str, least: int = 0) -> tuple[Table, ...]:
        def check(value: object) -> bool:
            return isinstance(value, list | tuple) and least <= len(value) <= 200

        found = self.take(key, check, f"{'at least one' if least else 'a list of'} [[{key}]]", None if least else ())
        assert isinstance(found, list | tuple)
        return tuple(Table(f"{self.where}.{key}[{number}]", item) for number, item in enumerate(found, start=1))

    def table(self, key: str) -> Table:
        return Table(f"{self.where}.{key}", self._rest.pop(key, {}))

    def mapping(self, key: str) -> dict[str, object]:
        value = self._rest.pop(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, "a table is wanted here")
        return value

    def end(self) -> None:
        if self._rest:
            raise self.fail(next(iter(self._rest)), "unknown key; remove it or correct its spelling")


def read_toml(path: Path) -> Table:
    """The file as a table; its ``format`` must be 1."""
    try:
        with path.open("rb") as stream:
            data = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise TimingFileError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > FILE_LIMIT:
        raise TimingFileError(f"{path}: larger than {FILE_LIMIT // 1024} KiB; such a file is no declaration")
    try:
        table = Table(path.name, tomllib.loads(data.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise TimingFileError(f"{path}: byte {error.start} is not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TimingFileError(f"{path}: not TOML: {error or 'nested too deeply'}") from None
    table.whole("format", 1, 1)
    return table


def read_timing_file(path: Path) -> TimingPlan:
    """The plan that the file declares, with every name in it resolved."""
    table = read_toml(path)
    rules = _rules(table.table("session"))
    environment = {key: _environment_value(table, key, value) for key, value in table.mapping("environment").items()}
    servers = tuple(_server(entry) for entry in table.tables("server"))
    references = tuple(_reference(entry) for entry in table.tables("reference"))
    timings = tuple(_timing(entry) for entry in table.tables("timing", least=1))
    table.end()
    plan = TimingPlan(rules, environment, servers, references, timings)
    _check_names(path.name, plan)
    return plan


def substitute(text: str, values: Mapping[str, str]) -> str:
    """The text with each ``${name}`` replaced; names were checked when the file was read."""
    return PLACEHOLDER.sub(lambda match: values[match.group(1)], text)


def _rules(table: Table) -> Rules:
    rules = Rules(
        warmup=table.whole("warmup", 1, 20, 2),
        least_blocks=table.whole("least-blocks", 7, 200, 15),
        most_blocks=table.whole("most-blocks", 7, 1000, 60),
        precision=table.number("precision", 0.001, 1, 0.025),
        run_limit=table.number("run-limit-seconds", 0.1, 600, 20),
        memory_runs=table.whole("memory-runs", 9, 100, 9),
        step_seconds=table.number("step-seconds", 0.1, 3600, 2),
    )
    if rules.most_blocks < rules.least_blocks:
        raise table.fail("most-blocks", f"smaller than least-blocks ({rules.least_blocks})")
    table.end()
    return rules


def _server(table: Table) -> Server:
    server = Server(table.identifier(), table.texts("argv"), table.mapping("reset") or None)
    table.end()
    if not server.argv:
        raise table.fail("argv", "a server needs a command")
    return server


def _reference(table: Table) -> Reference:
    reference = Reference(table.identifier(), table.text("label"), table.optional_text("source"), table.texts("argv", ()))
    table.end()
    if (reference.source is None) == (not reference.argv):
        raise table.fail("argv", "a reference has either a source or a command, and exactly one of them")
    if reference.source is not None and reference.source not in SOURCES:
        raise table.fail("source", f"unknown; the harness brings: {', '.join(SOURCES)}")
    return reference


def _timing(table: Table) -> Timing:
    timing = Timing(
        id=table.identifier(),
        title=table.text("title"),
        args=table.texts("args"),
        exit=table.whole("exit", 0, 255, 0),
        stdout_contains=table.texts("stdout-contains", ()),
        stderr_contains=table.texts("stderr-contains", ()),
        server=table.optional_text("server"),
        references=table.texts("reference", ()),
        seconds=table.number("seconds", 0.1, 3600, 10),
        memory=table.flag("memory"),
    )
    table.end()
    if not timing.stdout_contains and not timing.stderr_contains:
        raise table.fail(
            "stdout-contains", "say in stdout-contains or stderr-contains what right output holds, so that a wrong answer is never timed as a fast one"
        )
    return timing


def _environment_value(table: Table, key: str, value: object) -> str:
    if not isinstance(value, str) or not key or "=" in key or "\0" in key + value:
        raise table.fail(f"environment.{key}", "a text is wanted")
    return value


def _check_names(name: str, plan: TimingPlan) -> None:
    for kind, ids in (
        ("server", [server.id for server in plan.servers]),
        ("reference", [reference.id for reference in plan.references]),
        ("timing", [timing.id for timing in plan.timings]),
    ):
        for identifier in ids:
            if ids.count(identifier) > 1:
                raise TimingFileError(f"{name}: two [[{kind}]] are called {identifier!r}; give each its own id")
    servers = {server.id for server in plan.servers}
    references = {reference.id for reference in plan.references}
    for server in plan.servers:
        _check_placeholders(f"{name}: server {server.id!r}", server.argv, {"python"})
    for timing in plan.timings:
        where = f"{name}: timing {timing.id!r}"
        if timing.server is not None and timing.server not in servers:
            raise TimingFileError(f"{where} talks to server {timing.server!r}, which is not declared; declared: {', '.join(sorted(servers)) or 'none'}")
        for reference in timing.references:
            if reference not in references:
                raise TimingFileError(f"{where} has reference {reference!r}, which is not declared; declared: {', '.join(sorted(references)) or 'none'}")
        known = {"python", *([f"{timing.server}.url"] if timing.server else [])}
        _check_placeholders(where, timing.args, known)
        # Which artifacts there are is not known here: a reference beside one that was not published is a row that says so.
        parts = [part for reference in timing.references for part in plan.reference(reference).argv]
        named = {found for part in parts for found in PLACEHOLDER.findall(part) if INTERPRETER.fullmatch(found)}
        _check_placeholders(where, parts, known | named)


def _check_placeholders(where: str, texts: Iterable[str], known: set[str]) -> None:
    for found in (match.group(1) for text in texts for match in PLACEHOLDER.finditer(text)):
        if found not in known:
            raise TimingFileError(f"{where} uses ${{{found}}}, which nothing provides; provided: {', '.join(sorted(known))}")
