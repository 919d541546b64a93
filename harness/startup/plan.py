"""What the ledger runs, read strictly from a committed TOML file; the suite knows nothing of the program that is measured.

A run is a list of arguments that every artifact is started with and the exit code it must end with. ``${url}`` in an argument is the address of the
server that the run names; each run gets it with a fresh world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.perf.configuration import PLACEHOLDER, Table, read_toml
from harness.perf.errors import TimingFileError
from harness.startup.errors import StartupError

URL = "url"


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the suite by its kind, and the world that each run finds in it."""

    id: str
    use: str
    world: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Run:
    """One command line. ``bounded`` says that the bounded check takes it for every artifact, not only for the reference."""

    id: str
    args: tuple[str, ...]
    exit: int
    server: str | None
    bounded: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the file says."""

    environment: Mapping[str, str]
    servers: tuple[Server, ...]
    runs: tuple[Run, ...]

    def server(self, name: str) -> Server:
        return next(server for server in self.servers if server.id == name)


def read_plan(path: Path) -> Plan:
    """The plan that the file declares, with every name in it resolved."""
    try:
        table = read_toml(path)
        environment = {key: str(value) for key, value in table.mapping("environment").items()}
        servers = tuple(_server(entry) for entry in table.tables("server"))
        runs = tuple(_run(entry) for entry in table.tables("run", least=1))
        table.end()
    except TimingFileError as error:
        raise StartupError(str(error)) from None
    plan = Plan(environment, servers, runs)
    _check(path.name, plan)
    return plan


def _server(table: Table) -> Server:
    server = Server(table.identifier(), table.text("use"), table.mapping("world"))
    table.end()
    return server


def _run(table: Table) -> Run:
    run = Run(table.identifier(), table.texts("args"), table.whole("exit", 0, 255, 0), table.optional_text("server"), table.flag("bounded"))
    table.end()
    return run


def _check(name: str, plan: Plan) -> None:
    for kind, ids in (("server", [server.id for server in plan.servers]), ("run", [run.id for run in plan.runs])):
        double = next((identifier for identifier in ids if ids.count(identifier) > 1), None)
        if double is not None:
            raise StartupError(f"{name}: two [[{kind}]] are called {double!r}; give each its own id")
    known = {server.id for server in plan.servers}
    for run in plan.runs:
        if run.server is not None and run.server not in known:
            raise StartupError(f"{name}: run {run.id!r} talks to server {run.server!r}, which is not declared; declared: {', '.join(sorted(known)) or 'none'}")
        for found in (found for text in run.args for found in PLACEHOLDER.findall(text)):
            if found != URL or run.server is None:
                raise StartupError(f"{name}: run {run.id!r} uses ${{{found}}}, which nothing provides; ${{url}} is there when the run names a server")
