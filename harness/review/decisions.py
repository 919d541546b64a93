"""Accepting and rejecting groups: what is written, what is refused, and what stays undecided.

Accepting writes goldens, each by rename, and nothing of a group whose goldens have changed meanwhile. Rejecting settles a difference as a defect of the
program: it is not asked about again until the next run. Rejections are kept beside the bundle; one that lies in a zip file has no place for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from harness import whole
from harness.review.groups import Group, State
from harness.strict_json import no_constant, unique

REJECTED: Final = "pending-rejected.json"
MAX_REJECTED: Final = 1024 * 1024
_ID: Final = re.compile(r"[0-9a-f]{8}\Z")


class Goldens(Protocol):
    """Where goldens lie."""

    def read(self, key: str) -> str | None: ...

    def write(self, key: str, text: str) -> None: ...


class UnknownGroup(ValueError):
    """No group has the id that was given."""


class RejectionsError(Exception):
    """The list of rejected groups cannot be read or written; the text says why."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an attempt to accept groups."""

    written: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    """Id of the group, or key of the golden, and why."""


def choose(groups: Sequence[Group], names: Iterable[str]) -> tuple[Group, ...]:
    """The groups of these ids, each once; a beginning that is unambiguous will do, and ``all`` means every group that can be decided."""
    chosen: dict[str, Group] = {}
    for name in names:
        if name == "all":
            chosen.update({group.id: group for group in groups if group.state is State.PENDING})
            continue
        found = [group for group in groups if name and group.id.startswith(name)]
        if len(found) != 1:
            known = ", ".join(group.id for group in groups[:20]) or "none is left"
            raise UnknownGroup(f"{name!r:.40} {'is the beginning of several groups' if found else 'is no group'}; there is: {known}")
        chosen[found[0].id] = found[0]
    return tuple(chosen.values())


def accept(groups: Iterable[Group], goldens: Goldens, failure: type[Exception]) -> Accepted:
    """Write the goldens of the groups. ``failure`` is what the store raises when a file cannot be written."""
    written: list[str] = []
    refused: list[tuple[str, str]] = []
    for group in groups:
        if group.state is State.BLOCKED:
            refused.append((group.id, group.reason))
            continue
        if any(goldens.read(change.key) != change.old for change in group.changes):
            refused.append((group.id, "a golden has changed while this was being decided; look again"))
            continue
        for change in group.changes:
            try:
                goldens.write(change.key, change.new)
                written.append(change.key)
            except failure as error:
                refused.append((change.key, str(error)))
    return Accepted(tuple(written), tuple(refused))


@dataclass(frozen=True, slots=True)
class Rejections:
    """The list beside a bundle; without a place nothing is remembered."""

    path: Path | None

    def read(self) -> frozenset[str]:
        if self.path is None or not self.path.exists():
            return frozenset()
        try:
            with self.path.open("rb") as file:
                value = json.loads(file.read(MAX_REJECTED).decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
        except OSError as error:
            raise RejectionsError(f"{self.path}: cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise RejectionsError(f"{self.path}: is not JSON: {error}; remove it to decide anew") from None
        groups = value.get("groups") if isinstance(value, dict) and value.keys() == {"format", "groups"} and value["format"] == 1 else None
        if not isinstance(groups, list) or not all(isinstance(item, str) and _ID.match(item) for item in groups):
            raise RejectionsError(f"{self.path}: is no list of rejected groups of format 1; remove it to decide anew")
        return frozenset(groups)

    def add(self, groups: Iterable[Group]) -> None:
        added = {group.id for group in groups}
        if self.path is None or not added:
            return
        try:
            with whole.alone(self.path.parent):  # two people deciding at the same time lose no word
                names = sorted(self.read() | added)
                whole.write(self.path, json.dumps({"format": 1, "groups": names}).encode() + b"\n")
        except OSError as error:
            raise RejectionsError(f"{self.path}: cannot be written: {error.strerror}") from None
