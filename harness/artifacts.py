"""Which artifacts there are, which of them a run tests, and the proof that each is the file it says it is.

``read`` accepts ``artifacts.json`` of format 1 and nothing else, ``select`` turns patterns into artifacts and never into an empty
selection, ``verify`` compares files and directories with their digests. Every refusal is an ``ArtifactError`` whose text names the
file, the place in it and the way out.
"""

from __future__ import annotations

import difflib
import fnmatch
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from harness.model.artifact import Artifact, ArtifactSet, Tree
from harness.strict_json import no_constant, unique

FORMAT = 1
MAX_BYTES = 8 * 1024 * 1024
MAX_ARTIFACTS = 1000
ALL = "all"
DEFAULT = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
KNOWN = frozenset({"id", "kind", "target", "path", "sha256", "size", "version", "tree", "development", "prefix", "lacks"})


class ArtifactError(Exception):
    """The run cannot start: ``artifacts.json``, the selection, or an artifact is not what it must be."""


@dataclass(frozen=True, slots=True)
class NotRun:
    """Something that a reader may expect in the results and will not find there, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The artifacts that a run tests, in the order of the file, and a row for each that it cannot test here."""

    artifacts: tuple[Artifact, ...]
    not_run: tuple[NotRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A value inside ``artifacts.json`` and how to name it in an error."""

    file: Path
    name: str

    def refuse(self, text: str) -> NoReturn:
        raise ArtifactError(f"{self.file}: {self.name}: {text}" if self.name else f"{self.file}: {text}")

    def at(self, key: str) -> Place:
        return Place(self.file, f"{self.name}.{key}" if self.name else key)


def read(path: Path) -> ArtifactSet:
    """The artifacts that ``path`` lists; they need not exist yet (``verify`` asks for that)."""
    top = Place(path, "")
    document = _document(path, top)
    if document.get("format") != FORMAT:
        top.at("format").refuse(f"is {document.get('format')!r}, this reader knows only {FORMAT}; publish again with this version of the suite")
    program = _text(document, "program", top)
    reference = _text(document, "reference", top)
    entries = document.get("artifacts")
    if not isinstance(entries, list):
        top.at("artifacts").refuse("must be a list of artifacts")
    if len(entries) > MAX_ARTIFACTS:
        top.at("artifacts").refuse(f"holds {len(entries)} artifacts, at most {MAX_ARTIFACTS} are read")
    artifacts = tuple(_artifact(entry, Place(path, f"artifacts[{index}]")) for index, entry in enumerate(entries))
    seen: dict[str, int] = {}
    for index, artifact in enumerate(artifacts):
        if artifact.id in seen:
            Place(path, f"artifacts[{index}].id").refuse(f'"{artifact.id}" is also the id of artifacts[{seen[artifact.id]}]; ids are unique')
        seen[artifact.id] = index
    return ArtifactSet(program=program, reference=reference, artifacts=artifacts, path=path)


def _document(path: Path, top: Place) -> Mapping[str, object]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ArtifactError(f"{path}: there is no such file; publish artifacts first, or name another file with --artifacts") from None
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        top.refuse(f"is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except RecursionError:
        top.refuse("is nested too deeply")
    except ValueError as error:  # of json, of the UTF-8 decoder and of the two hooks
        top.refuse(f"is not valid JSON: {error}")
    if not isinstance(document, dict):
        top.refuse("must hold a JSON object")
    return document


def _artifact(entry: object, place: Place) -> Artifact:
    if not isinstance(entry, dict):
        place.refuse("must be an object")
    size = entry.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        place.at("size").refuse("must be a number of bytes")
    development = entry.get("development", False)
    if not isinstance(development, bool):
        place.at("development").refuse("must be true or false")
    facts = {key: value for key, value in entry.items() if key not in KNOWN}
    if "probe" in facts:
        _check_probe(facts["probe"], place.at("probe"))
    return Artifact(
        id=_name(entry, "id", place),
        kind=_name(entry, "kind", place),
        target=_name(entry, "target", place),
        path=_path(_text(entry, "path", place), place),
        sha256=_digest(entry, "sha256", place),
        size=size,
        version=_text(entry, "version", place, empty=True),
        tree=_tree(entry["tree"], place.at("tree")) if "tree" in entry else None,
        development=development,
        prefix=_texts(entry, "prefix", place),
        lacks=_texts(entry, "lacks", place),
        facts=facts,
    )


def _tree(value: object, place: Place) -> Tree:
    if not isinstance(value, dict):
        place.refuse("must be an object with root, sha256 and files")
    files = value.get("files")
    if not isinstance(files, int) or isinstance(files, bool) or files < 1:
        place.at("files").refuse("must be the number of files below root")
    return Tree(root=_path(_text(value, "root", place), place), sha256=_digest(value, "sha256", place), files=files)


def _check_probe(value: object, place: Place) -> None:
    if not isinstance(value, dict):
        place.refuse('must be an object such as {"args": ["--version"], "matches": "^[0-9.]+"}')
    for key in value:
        if key not in ("args", "matches"):
            place.at(str(key)).refuse("is not known here; a probe has args and matches")
    _texts(value, "args", place)
    try:
        re.compile(_text(value, "matches", place))
    except (re.error, RecursionError) as error:
        place.at("matches").refuse(f"is not a regular expression: {error}")


def _text(table: Mapping[str, object], key: str, place: Place, *, empty: bool = False) -> str:
    value = table.get(key)
    if not isinstance(value, str) or "\0" in value or not (value or empty):
        place.at(key).refuse("must be a string" if empty else "must be a string that is not empty")
    return value


def _texts(table: Mapping[str, object], key: str, place: Place) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and "\0" not in item for item in value):
        place.at(key).refuse("must be a list of strings")
    return tuple(value)


def _name(table: Mapping[str, object], key: str, place: Place) -> str:
    value = _text(table, key, place)
    if not NAME.match(value):
        place.at(key).refuse(f"{value!r} must consist of lower-case letters, digits and hyphens")
    return value


def _digest(table: Mapping[str, object], key: str, place: Place) -> str:
    value = _text(table, key, place)
    if not DIGEST.match(value):
        place.at(key).refuse("must be a SHA-256 in 64 lower-case hexadecimal digits")
    return value


def _path(text: str, place: Place) -> Path:
    # Not resolved: a symlink is executed under the name that the entry gives it.
    return Path(os.path.abspath(place.file.parent / text))  # noqa: PTH100 - resolve() would follow it


def select(artifacts: ArtifactSet, patterns: Sequence[str], obstacle: Callable[[Artifact], str | None]) -> Selection:
    """The artifacts that the patterns name: an id, a glob, ``all``, or ``default`` (all but development artifacts, as without patterns).

    ``obstacle`` says why this host cannot run an artifact, or None. Asking for such an artifact by its id is an error; met
    through a pattern or by default it becomes a row of ``not_run``.
    """
    if not artifacts.artifacts:
        raise ArtifactError(f"{artifacts.path}: lists no artifact; publish at least one")
    wanted: set[str] = set()
    for pattern in patterns or (DEFAULT,):
        matched = {a.id for a in artifacts.artifacts if _matches(pattern, a)}
        if not matched and pattern != DEFAULT:
            raise ArtifactError(_unknown(pattern, artifacts))
        wanted |= matched
    chosen: list[Artifact] = []
    rows: list[NotRun] = []
    for artifact in artifacts.artifacts:
        if artifact.id not in wanted:
            continue
        reason = obstacle(artifact)
        if reason is None:
            chosen.append(artifact)
        elif artifact.id in patterns:
            raise ArtifactError(f"{artifact.id} cannot run here: {reason}")
        else:
            rows.append(NotRun(artifact.id, reason))
    if not chosen:
        reasons = "; ".join(f"{row.what}: {row.why}" for row in rows) or "all of them are for development only, name one with --artifact"
        raise ArtifactError(f"{artifacts.path}: no artifact is left to test: {reasons}")
    return Selection(tuple(chosen), tuple(rows))


def _matches(pattern: str, artifact: Artifact) -> bool:
    if pattern == DEFAULT:
        return not artifact.development
    return pattern in (ALL, artifact.id) or fnmatch.fnmatchcase(artifact.id, pattern)


def _unknown(pattern: str, artifacts: ArtifactSet) -> str:
    ids = [artifact.id for artifact in artifacts.artifacts]
    close = difflib.get_close_matches(pattern, ids, n=1)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    return f'--artifact: nothing in {artifacts.path} matches "{pattern}"{hint} (known: {", ".join(ids)})'


@dataclass(slots=True)
class Digests:
    """Computes SHA-256 digests and remembers them as long as a file keeps its inode, size and time of change."""

    known: dict[tuple[str, int, int, int], str] = field(default_factory=dict)

    def file(self, path: Path) -> str:
        """The digest of the content; a symlink is followed."""
        facts = path.stat()
        key = (str(path), facts.st_mtime_ns, facts.st_size, facts.st_ino)
        if key not in self.known:
            with path.open("rb") as file:
                self.known[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self.known[key]

    def tree(self, root: Path) -> tuple[str, int]:
        """The digest over every regular file and symlink below ``root`` by mode, content and relative path, and how many there are."""
        total = hashlib.sha256()
        count = 0
        for relative, path, mode in sorted(_entries(root, "")):
            content = f"-> {os.readlink(path)}" if stat.S_ISLNK(mode) else self.file(path)  # noqa: PTH115 - a Path would tidy the text up
            total.update(f"{stat.S_IMODE(mode) & 0o777:03o} {content}  {relative}\n".encode("utf-8", "surrogateescape"))
            count += 1
        return total.hexdigest(), count


def _entries(root: Path, prefix: str) -> Iterator[tuple[str, Path, int]]:
    with os.scandir(root) as entries:
        for entry in entries:
            relative = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(Path(entry.path), relative + "/")
            elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                yield relative, Path(entry.path), entry.stat(follow_symlinks=False).st_mode


def verify(artifact: Artifact, listed_in: Path, digests: Digests) -> None:
    """Make sure that what would be executed is the file, and the tree, that the digests were taken from."""
    again = f"publish it again, or correct {listed_in}"
    try:
        if not artifact.path.is_file():
            raise ArtifactError(f"{artifact.id}: {artifact.path} does not exist; {again}")
        # What an emulator or a compatibility layer starts need not be executable for this host.
        if not os.access(artifact.path, os.X_OK) and not artifact.target.startswith("win-"):
            raise ArtifactError(f"{artifact.id}: {artifact.path} is not executable; {again}")
        actual = digests.file(artifact.path)
        if actual != artifact.sha256:
            raise ArtifactError(f"{artifact.id}: {artifact.path} is not the file that was published: SHA-256 {actual}, listed {artifact.sha256}; {again}")
        if artifact.path.stat().st_size != artifact.size:
            raise ArtifactError(f"{artifact.id}: {artifact.path} has {artifact.path.stat().st_size} bytes, listed {artifact.size}; {again}")
        if artifact.tree is not None:
            _verify_tree(artifact.id, artifact.tree, digests, again)
    except OSError as error:
        raise ArtifactError(f"{artifact.id}: {error.filename}: {error.strerror}; {again}") from None


def _verify_tree(name: str, tree: Tree, digests: Digests, again: str) -> None:
    actual, files = digests.tree(tree.root)
    if files != tree.files:
        raise ArtifactError(f"{name}: {tree.root} holds {files} files, listed {tree.files}; {again}")
    if actual != tree.sha256:
        raise ArtifactError(f"{name}: the files below {tree.root} are not those that were published: digest {actual}, listed {tree.sha256}; {again}")


def version_probe(artifact: Artifact) -> tuple[tuple[str, ...], re.Pattern[str]] | None:
    """The arguments to run once before the first cell and what their output must match; None when there is nothing to compare with."""
    probe = artifact.facts.get("probe")
    if isinstance(probe, Mapping):
        return tuple(probe.get("args", ())), re.compile(str(probe["matches"]))
    if not artifact.version:
        return None
    return ("--version",), re.compile(rf"(?<![\w.])v?{re.escape(artifact.version)}(?!\w|\.\d)")
