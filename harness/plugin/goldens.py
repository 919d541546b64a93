"""Golden files: a syrupy extension for how they are stored, and a store that speaks in keys.

A golden lies at ``snapshots/<scenario id>/<case>/<step>.<stream>`` and holds exactly the text, line ends included. The artifact is not part of the
name: all artifacts share it. Cells only read; writing is done once, at the end of the run, by the controller (``agreement.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from syrupy.data import Snapshot, SnapshotCollection
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.types import SerializableData
from syrupy.utils import walk_snapshot_dir

from harness import whole
from harness.faults import HarnessFault


class GoldenError(HarnessFault):
    """A golden cannot be read, written or removed; the text says which and why."""


class GoldenExtension(SingleFileSnapshotExtension):
    """One text file per golden, written whole or not at all, read and written without any translation of line ends."""

    _write_mode = WriteMode.TEXT
    file_extension = ""

    def read_snapshot_data_from_location(self, *, snapshot_location: str, snapshot_name: str, session_id: str) -> SerializableData | None:
        try:
            return Path(snapshot_location).read_bytes().decode("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError:
            raise GoldenError(f"H4001 {snapshot_location}: is not UTF-8 text, so it is no golden; remove it and record it again") from None
        except OSError as error:
            raise GoldenError(f"H4003 {snapshot_location}: cannot be read: {error.strerror}") from None

    @classmethod
    def write_snapshot_collection(cls, *, snapshot_collection: SnapshotCollection, name_order: dict[str, int] | None = None) -> None:
        path = Path(snapshot_collection.location)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole.write(path, str(next(iter(snapshot_collection)).data).encode("utf-8"))
        except OSError as error:
            raise GoldenError(f"H4002 {path}: cannot be written: {error.strerror}") from None

    def delete_snapshots(self, *, snapshot_location: str, snapshot_names: set[str]) -> None:
        try:
            Path(snapshot_location).unlink(missing_ok=True)
        except OSError as error:
            raise GoldenError(f"H4002 {snapshot_location}: cannot be removed: {error.strerror}") from None


class GoldenStore:
    """Goldens by key below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._extension = GoldenExtension()

    def path(self, key: str) -> Path:
        return self.root / key

    def read(self, key: str) -> str | None:
        data = self._extension.read_snapshot_data_from_location(snapshot_location=str(self.path(key)), snapshot_name=key, session_id="")
        return None if data is None else str(data)

    def write(self, key: str, text: str) -> None:
        collection = SnapshotCollection(location=str(self.path(key)))
        collection.add(Snapshot(name=key, data=text))
        self._extension.write_snapshot_collection(snapshot_collection=collection)

    def remove(self, key: str) -> None:
        """Remove the golden and the folders that it leaves empty."""
        self._extension.delete_snapshots(snapshot_location=str(self.path(key)), snapshot_names={key})
        for folder in self.path(key).parents:
            if folder == self.root:
                break
            try:
                folder.rmdir()
            except OSError:
                break  # not empty

    def keys(self) -> Iterator[str]:
        """Every golden there is, hidden files left out."""
        if self.root.is_dir():
            for name in walk_snapshot_dir(str(self.root)):
                path = Path(name)
                if not path.name.startswith("."):
                    yield path.relative_to(self.root).as_posix()
