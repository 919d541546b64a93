"""`dist/artifacts.json`: the list of what is published, and all that the harness ever learns from publish."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import jsonschema

from cli.publish.cache import write_atomically
from cli.publish.digests import file_digest, tree_digest
from cli.publish.errors import PublishError

FORMAT = 1
PROGRAM = "omnirelay"
REFERENCE = "native-linux-x64"
FILE = "artifacts.json"
SCHEMA = Path(__file__).resolve().parent.parent.parent / "harness" / "schema" / "artifacts-1.json"
MAX_BYTES = 8 << 20

Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The entries by artifact id, in the order of the file."""

    path: Path
    artifacts: tuple[Entry, ...]

    def entry(self, artifact: str) -> Entry | None:
        """The entry of an artifact, or None."""
        return next((entry for entry in self.artifacts if entry["id"] == artifact), None)

    def with_entry(self, new: Entry) -> Manifest:
        """The same list with one entry replaced or added."""
        kept = [entry for entry in self.artifacts if entry["id"] != new["id"]]
        return Manifest(self.path, tuple(sorted([*kept, new], key=_order)))

    def still_valid(self) -> Manifest:
        """The same list without the entries whose files are gone or changed."""
        return Manifest(self.path, tuple(entry for entry in self.artifacts if on_disk(entry, self.path.parent)))

    def write(self) -> None:
        """Replaces the file at once; what does not satisfy the schema is not written."""
        document = {"format": FORMAT, "program": PROGRAM, "reference": REFERENCE, "artifacts": [dict(entry) for entry in self.artifacts]}
        problem = schema_problem(document)
        if problem is not None:
            raise PublishError(f"{self.path}: would not satisfy {SCHEMA.name}: {problem}")
        write_atomically(self.path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))


def _order(entry: Entry) -> tuple[bool, int, str]:
    kinds = ("native", "frozen", "jit", "reflective")
    kind = str(entry["kind"])
    return bool(entry.get("development")), kinds.index(kind) if kind in kinds else len(kinds), str(entry["target"])


def schema_problem(document: object) -> str | None:
    """None, or the first thing in `document` that the JSON Schema of artifacts.json forbids."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    error = next(iter(jsonschema.Draft202012Validator(schema).iter_errors(document)), None)
    return None if error is None else f"{error.json_path}: {error.message}"


def read_manifest(path: Path) -> Manifest:
    """The published artifacts; a file that is absent, damaged or of another format counts as an empty list, because publish can make all of it again."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        document = json.loads(raw.decode("utf-8")) if len(raw) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        document = None
    if document is None or schema_problem(document) is not None or document["program"] != PROGRAM:
        return Manifest(path, ())
    return Manifest(path, tuple(cast(Iterable[Entry], document["artifacts"])))


def describe(directory: Path, executable: str, tree: str, dist: Path) -> dict[str, object]:
    """The keys of an entry that say which files it means, for an artifact in `directory` below `dist`."""
    path = directory / executable
    facts: dict[str, object] = {
        "path": path.relative_to(dist).as_posix(),
        "sha256": file_digest(path),
        "size": path.stat().st_size,
    }
    if tree:
        root = directory / tree
        digest = tree_digest(root)
        total = sum(file.lstat().st_size for file in root.rglob("*") if file.is_file() and not file.is_symlink())
        facts["tree"] = {"root": root.relative_to(dist).as_posix(), "sha256": digest.sha256, "files": digest.files, "bytes": total}
    return facts


def on_disk(entry: Entry, dist: Path) -> bool:
    """Whether the files that an entry names are there and unchanged."""
    try:
        path = dist / str(entry["path"])
        if path.stat().st_size != entry["size"] or file_digest(path) != entry["sha256"]:
            return False
        tree = entry.get("tree")
        if isinstance(tree, Mapping):
            found = tree_digest(dist / str(tree["root"]))
            return (found.sha256, found.files) == (tree["sha256"], tree["files"])
    except OSError:
        return False
    return True
