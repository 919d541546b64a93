"""``capsule.json``: a capsule without its big parts, as JSON and back. Every key is known, every value has its type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Final, NoReturn, TypeVar

from harness.model.artifact import Artifact, Tree
from harness.model.observation import Exit, FileDelta, Observation
from harness.model.position import Position
from harness.model.traffic import Exchange
from harness.model.verdict import Finding, Verdict
from harness.normalise.subject import Subject
from harness.replay.capsule import Capsule, CapsuleError

FORMAT: Final = 1
_STREAMS: Final = ("stdout", "stderr", "terminal")
T = TypeVar("T")


def to_document(capsule: Capsule) -> tuple[dict[str, object], dict[str, bytes]]:
    """The document, and the raw streams by the names that it gives them."""
    raw: dict[str, bytes] = {}
    observations = [_observation(number, observation, raw) for number, observation in enumerate(capsule.observations, start=1)]
    subject = capsule.subject
    artifact = subject.artifact
    return {
        "format": FORMAT,
        "program": capsule.program,
        "scenario": capsule.scenario,
        "case": capsule.case,
        "verdict": capsule.verdict,
        "findings": [
            {"step": f.step, "aspect": f.aspect, "message": f.message, "at": str(f.position), "check": f.check, "diff": list(f.diff)} for f in capsule.findings
        ],
        "artifact": {
            "id": artifact.id,
            "kind": artifact.kind,
            "target": artifact.target,
            "version": artifact.version,
            "sha256": capsule.sha256,
            "path": str(artifact.path),
            "prefix": list(artifact.prefix),
            "root": str(artifact.tree.root) if artifact.tree else None,
        },
        "sandbox": {"work": str(subject.work), "home": str(subject.home), "tmp": str(subject.tmp)},
        "environment": dict(sorted(capsule.environment.items())),
        "servers": dict(subject.servers),
        "sources": list(capsule.sources),
        "observations": observations,
    }, raw


def _observation(number: int, observation: Observation, raw: dict[str, bytes]) -> dict[str, object]:
    names: dict[str, str] = {}
    for stream, data in observation.streams():
        names[stream] = f"{number}.{stream}"
        raw[names[stream]] = data
    return {
        "step": observation.step,
        "argv": list(observation.argv),
        "exit": None if observation.exit is None else {"code": observation.exit.code, "signal": observation.exit.signal},
        "raw": names,
        "screen": observation.screen,
        "seconds": round(observation.seconds, 6),
        "timed_out": observation.timed_out,
        "limit": observation.limit,
        "cut": dict(observation.cut),
        "files": {"created": list(observation.files.created), "modified": list(observation.files.modified), "deleted": list(observation.files.deleted)},
        "orphans": list(observation.orphans),
        "attempts": observation.attempts,
    }


def from_document(
    value: object, raw: Mapping[str, bytes], traffic: Mapping[str, tuple[Exchange, ...]], sources: Mapping[str, bytes], goldens: Mapping[str, str]
) -> Capsule:
    """The capsule of a document and of what lies beside it; a ``CapsuleError`` names the first thing that is not as it must be."""
    node = _Table("capsule.json", value)
    if node.raw("format") != FORMAT or isinstance(node.raw("format"), bool):
        node.fail(f"format {node.raw('format')!r:.40} is unknown, this version reads {FORMAT}")
    node.exactly("format", "program", "scenario", "case", "verdict", "findings", "artifact", "sandbox", "environment", "servers", "sources", "observations")
    if node.text("verdict") not in {verdict.value for verdict in Verdict}:
        node.fail("verdict is none of the five")
    servers = node.table("servers").texts()
    names = node.list("sources", _as_text)
    if servers.keys() != traffic.keys():
        node.fail("servers and recorded traffic are not about the same servers")
    if sorted(names) != sorted(sources) or not names:
        node.fail("sources lists other files than the capsule holds")
    artifact = node.table("artifact").exactly("id", "kind", "target", "version", "sha256", "path", "prefix", "root")
    sandbox = node.table("sandbox").exactly("work", "home", "tmp")
    return Capsule(
        program=node.text("program"),
        scenario=node.text("scenario"),
        case=node.text("case"),
        verdict=node.text("verdict"),
        findings=tuple(node.list("findings", _finding)),
        subject=Subject(_artifact(artifact), Path(sandbox.text("work")), Path(sandbox.text("home")), Path(sandbox.text("tmp")), servers),
        sha256=artifact.text("sha256"),
        environment=node.table("environment").texts(),
        observations=tuple(node.list("observations", lambda where, item: _read_observation(where, item, raw))),
        traffic=traffic,
        sources={name: sources[name] for name in names},
        goldens=goldens,
    )


def _artifact(node: _Table) -> Artifact:
    root = node.raw("root")
    tree = None if root is None else Tree(Path(node.text("root")), "", 0)
    names = {key: node.text(key) for key in ("id", "kind", "target", "sha256", "version")}
    return Artifact(
        names["id"],
        names["kind"],
        names["target"],
        Path(node.text("path")),
        names["sha256"],
        0,
        names["version"],
        tree,
        prefix=tuple(node.list("prefix", _as_text)),
    )


def _finding(where: str, value: object) -> Finding:
    node = _Table(where, value).exactly("step", "aspect", "message", "at", "check", "diff")
    path, _, place = node.text("at").rpartition(":")
    path, _, line = path.rpartition(":")
    if not (path and line.isascii() and place.isascii() and line.isdigit() and place.isdigit() and len(line + place) < 20):
        node.fail("at must be FILE:LINE:COLUMN")
    position = Position(PurePath(path), int(line), int(place))
    return Finding(node.text("step"), node.text("aspect"), node.text("message"), position, tuple(node.list("diff", _as_text)), node.text("check"))


def _read_observation(where: str, value: object, raw: Mapping[str, bytes]) -> Observation:
    node = _Table(where, value).exactly("step", "argv", "exit", "raw", "screen", "seconds", "timed_out", "limit", "cut", "files", "orphans", "attempts")
    names = node.table("raw").texts()
    if not names.keys() <= set(_STREAMS) or any(name not in raw for name in names.values()):
        node.fail("raw names streams that the capsule does not hold")
    files = node.table("files").exactly("created", "modified", "deleted")
    cut = node.table("cut")
    return Observation(
        step=node.text("step"),
        argv=tuple(node.list("argv", _as_text)),
        exit=None if node.raw("exit") is None else _exit(node.table("exit").exactly("code", "signal")),
        stdout=raw[names["stdout"]] if "stdout" in names else b"",
        stderr=raw[names["stderr"]] if "stderr" in names else b"",
        terminal=raw[names["terminal"]] if "terminal" in names else None,
        screen=node.text("screen"),
        seconds=node.seconds("seconds"),
        timed_out=node.flag("timed_out"),
        limit=node.text("limit"),
        cut=cut.wholes(),
        files=FileDelta(*(tuple(files.list(key, _as_text)) for key in ("created", "modified", "deleted"))),
        orphans=tuple(node.list("orphans", _as_text)),
        attempts=node.whole("attempts"),
    )


def _exit(node: _Table) -> Exit:
    code, signal = node.raw("code"), node.raw("signal")
    if (code is None) == (signal is None):
        node.fail("a process ends with a code or by a signal")
    return Exit(signal=node.text("signal")) if code is None else Exit(code=node.whole("code", signed=True))


def _as_text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise CapsuleError(f"{where} must be a text")
    return value


class _Table:
    """A JSON object whose values are asked for by name and type."""

    def __init__(self, where: str, value: object) -> None:
        self._where = where
        if not isinstance(value, dict):
            self.fail("must be a table")
        self._value: dict[str, object] = value

    def fail(self, text: str) -> NoReturn:
        raise CapsuleError(f"{self._where}: {text}")

    def exactly(self, *keys: str) -> _Table:
        if self._value.keys() != set(keys):
            self.fail(f"has not exactly the keys {', '.join(keys)}")
        return self

    def raw(self, key: str) -> object:
        return self._value.get(key)

    def text(self, key: str) -> str:
        value = _as_text(f"{self._where}: {key}", self.raw(key))
        if "\0" in value:
            self.fail(f"{key} must not hold a NUL")
        return value

    def whole(self, key: str, *, signed: bool = False) -> int:
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63 or (value < 0 and not signed):
            self.fail(f"{key} must be a whole number")
        return value

    def flag(self, key: str) -> bool:
        value = self.raw(key)
        if not isinstance(value, bool):
            self.fail(f"{key} must be true or false")
        return value

    def seconds(self, key: str) -> float:
        value = self.raw(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e9 or not math.isfinite(value):
            self.fail(f"{key} must be a number of seconds")
        return float(value)

    def table(self, key: str) -> _Table:
        return _Table(f"{self._where}: {key}", self.raw(key))

    def texts(self) -> dict[str, str]:
        return {key: self.text(key) for key in self._value}

    def wholes(self) -> dict[str, int]:
        return {key: self.whole(key) for key in self._value}

    def list(self, key: str, item: Callable[[str, object], T]) -> list[T]:
        value = self.raw(key)
        if not isinstance(value, list):
            self.fail(f"{key} must be a list")
        return [item(f"{self._where}: {key}[{number}]", entry) for number, entry in enumerate(value)]
