"""Takes the rows of a ledger: each run twice, once traced for files and calls, once counted for instructions, in pinned circumstances."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from harness.model.artifact import Artifact
from harness.perf.configuration import substitute
from harness.servers.client import ServerError, ServerProcess
from harness.startup import modules
from harness.startup.errors import StartupError
from harness.startup.plan import URL, Plan, Run
from harness.startup.profile import Profile, Symbols, read_profile
from harness.startup.record import Count, Row
from harness.startup.relay import relay
from harness.startup.tools import SYSTEM_PATH, Answer, Tools, run
from harness.startup.trace import Trace, parse_trace

SHARE = 0.004
"""Functions below this share of a run are not kept: the rest could not explain two per cent."""
MOST_FUNCTIONS = 40
# The same path every time, because programs hash and copy the names of what they open.
PLACE = Path("/tmp")


@dataclass(slots=True)
class Bench:
    """A workspace with servers behind relays, for as many runs as wanted."""

    plan: Plan
    tools: Tools
    root: Path
    workspace: Path
    servers: Mapping[str, tuple[ServerProcess, str]]
    symbols: dict[str, Symbols] = field(default_factory=dict)

    def row(self, wanted: Run, artifact: Artifact) -> Row:
        """One measured run of one artifact."""
        trace = self._trace(wanted, artifact)
        profile = self._profile(wanted, artifact)
        places = Places(self.root, artifact, self.workspace, trace)
        loaded = (
            modules.of_files(trace.files, places.module_roots()) + modules.of_archives(_archives(trace, artifact)) + modules.of_functions(profile.functions)
        )
        return Row(
            run=wanted.id,
            artifact=artifact.id,
            interpreter=places.interpreter(),
            instructions=profile.instructions,
            modules=tuple(sorted(set(loaded))),
            files=tuple(sorted({places.short(path) for path in trace.files})),
            calls=tuple(Count(name, count) for name, count in sorted(trace.calls.items())),
            functions=tuple(Count(name, count) for name, count in profile.dearest(SHARE)[:MOST_FUNCTIONS]),
        )

    def _trace(self, wanted: Run, artifact: Artifact) -> Trace:
        log = self.workspace / "trace"
        self._run(wanted, artifact, self.tools.tracing(log))
        return parse_trace(log.read_text(encoding="utf-8", errors="surrogateescape").splitlines())

    def _profile(self, wanted: Run, artifact: Artifact) -> Profile:
        for old in self.workspace.glob("profile.*"):
            old.unlink()
        self._run(wanted, artifact, self.tools.counting(str(self.workspace / "profile.%p")))
        if artifact.id not in self.symbols:
            self.symbols[artifact.id] = Symbols.read(artifact.path.with_name(artifact.path.name + ".symbols"))
        found = [read_profile(path, self.symbols[artifact.id]) for path in sorted(self.workspace.glob("profile.*")) if path.stat().st_size]
        if not found:
            raise StartupError(f"{wanted.id} of {artifact.id}: callgrind wrote no profile")
        whole = found[0]
        for other in found[1:]:
            whole = whole.merged(other)
        return whole

    def _run(self, wanted: Run, artifact: Artifact, tool: Sequence[str]) -> Answer:
        address = ""
        if wanted.server is not None:
            server, address = self.servers[wanted.server]
            server.reset(**self.plan.server(wanted.server).world)
        args = [substitute(text, {URL: address}) for text in wanted.args]
        link = self.workspace / "program"
        link.unlink(missing_ok=True)
        link.symlink_to(artifact.path)
        answer = run([*tool, str(link), *artifact.prefix, *args], cwd=self.workspace / "home", environment=self._environment())
        if answer.exit != wanted.exit:
            said = answer.stderr.decode("utf-8", "replace").strip().splitlines()
            raise StartupError(f"{wanted.id} of {artifact.id}: exit code {answer.exit}, wanted {wanted.exit}{'; it said: ' + said[-1][:300] if said else ''}")
        return answer

    def _environment(self) -> dict[str, str]:
        return {"PATH": SYSTEM_PATH, "HOME": str(self.workspace / "home"), "LC_ALL": "C.UTF-8", "TZ": "UTC0", **self.plan.environment}


@contextmanager
def bench(plan: Plan, tools: Tools, root: Path) -> Iterator[Bench]:
    """Everything that runs need; servers and workspace end with the block."""
    with _workspace() as workspace, ExitStack() as stack:
        servers = {}
        for server in plan.servers:
            try:
                process = ServerProcess.start(server.use)
                stack.callback(process.stop)
                parts = urlsplit(process.reset(**server.world))
            except ServerError as error:
                raise StartupError(f"server {server.id}: {error}") from None
            servers[server.id] = (process, stack.enter_context(relay(parts.hostname or "", parts.port or 0)))
        yield Bench(plan, tools, root, workspace, servers)


@contextmanager
def _workspace() -> Iterator[Path]:
    """An empty folder at a path that is the same in every session of this user; a second session waits for the first."""
    place = PLACE / f"startup-{os.getuid():010}"
    place.mkdir(mode=0o700, exist_ok=True)
    status = place.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise StartupError(f"{place} belongs to somebody else; remove it")
    with (place / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _clear(place)
        (place / "home").mkdir()
        try:
            yield place
        finally:
            _clear(place)


def _clear(place: Path) -> None:
    for path in place.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def rows(bench: Bench, wanted: Sequence[tuple[Run, Artifact]], say: Callable[[str], None]) -> tuple[Row, ...]:
    """One row per pair, in order."""
    found = []
    for pair, artifact in wanted:
        row = bench.row(pair, artifact)
        say(f"{artifact.id:<22} {pair.id:<22} {row.instructions:>12,} instructions")
        found.append(row)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a run by name, so that a ledger of one checkout can be compared with that of another."""

    root: Path
    artifact: Artifact
    workspace: Path
    trace: Trace

    def short(self, path: str) -> str:
        """The path with its beginning named; one below no known place stays as it is."""
        for name, folder in self.named:
            if path == folder or path.startswith(folder + "/"):
                return name + path[len(folder) :]
        return path

    def module_roots(self) -> list[str]:
        """The folders below which modules are named."""
        found = {str(Path(folder).parent) if Path(folder).name == "__pycache__" else folder for folder in map(os.path.dirname, self.trace.files)}
        roots = {str(self.root), str(self.root / "cli")}
        for folder in found:
            path = Path(folder)
            for candidate in (path, *path.parents):
                if candidate.name in ("site-packages", "lib-dynload") or candidate.name.startswith("python3."):
                    roots.add(str(candidate))
        return sorted(roots)

    def interpreter(self) -> str:
        """What interprets the program: digest of the machine's interpreter that ran, or of the library that the bundle carries; empty when nothing does."""
        libraries = [Path(path).resolve() for path in self.trace.files if Path(path).name.startswith("libpython")]
        parts = {*self._started(), *libraries}
        return f"cpython {self._fact('cpython')} {_digest(tuple(sorted(parts)))}" if parts else ""

    def _started(self) -> list[Path]:
        """The interpreters of this machine that ran: named in the first line of what was executed, or started by it."""
        with self.artifact.path.open("rb") as stream:
            line = stream.readline(4096)
        named = [os.fsdecode(line[2:].split()[0])] if line.startswith(b"#!") and line[2:].split() else []
        return [Path(path).resolve() for path in (*named, *self.trace.programs) if Path(path).name.startswith("python")]

    def _fact(self, name: str) -> object:
        build = self.artifact.facts.get("build")
        return build.get(name, "") if isinstance(build, Mapping) else ""

    @property
    def named(self) -> list[tuple[str, str]]:
        own = self.artifact.path.parent if self.artifact.tree is None else self.artifact.tree.root
        named = [("<workspace>", str(self.workspace)), ("<artifact>", str(own)), ("<checkout>", str(self.root))]
        for program in self._started():
            version = next((part for path in self.trace.files for part in Path(path).parts if part.startswith("python3.")), "")
            named += [("<python>", str(program.parent.parent / "lib" / name)) for name in (version, f"lib{version}.so.1.0") if version]
        return sorted(named, key=lambda row: -len(row[1]))


@cache
def _digest(paths: tuple[Path, ...]) -> str:
    """One short digest over the content of all files."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def _archives(trace: Trace, artifact: Artifact) -> dict[str, list[int]]:
    """Where the artifact's own files were read, when it is a bundle."""
    if artifact.kind != "frozen" or artifact.tree is None:
        return {}
    root = str(artifact.tree.root)
    return {path: offsets for path, offsets in trace.seeks.items() if path.startswith(root + "/")}
