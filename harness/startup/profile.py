"""What callgrind wrote: instructions by function. A profile of any bytes gives a value or a ``StartupError``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.startup.errors import StartupError

_LIMIT = 64 * 1024 * 1024
_FUNCTION = re.compile(r"fn=\((\d+)\)(?: (.*))?\Z")
_CALLED = re.compile(r"cfn=\((\d+)\)(?: (.*))?\Z")
_COST = re.compile(r"(?:[+-]?\d+|\*|0x[0-9a-f]+) (\d+)\Z")
_ADDRESS = re.compile(r"0x([0-9a-f]{8,16})\Z")


@dataclass(frozen=True, slots=True)
class Symbols:
    """The functions of a stripped file by address, as ``nm -n`` lists them."""

    addresses: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Symbols:
        """The list beside an artifact: lines of a hexadecimal address, any kind letter, and a name; an empty one when there is none."""
        try:
            lines = path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            raise StartupError(f"{path}: cannot be read: {error}; publish the artifact again") from None
        rows = []
        for number, line in enumerate(lines, start=1):
            words = line.split()
            try:
                rows.append((int(words[0], 16), words[-1]))
            except (IndexError, ValueError):
                raise StartupError(f"{path}:{number}: expected an address and a name, found {line[:80]!r}; publish the artifact again") from None
        rows.sort()
        return cls(tuple(address for address, _ in rows), tuple(name for _, name in rows))

    def name(self, text: str) -> str:
        """The function at an address that callgrind could not name; every other text as it is."""
        match = _ADDRESS.match(text)
        if match is None or not self.addresses:
            return text
        place = bisect_right(self.addresses, int(match.group(1), 16))
        return self.names[place - 1] if place else text


@dataclass(frozen=True, slots=True)
class Profile:
    """All instructions, and those of each function without what it called."""

    instructions: int
    functions: Mapping[str, int]

    def merged(self, other: Profile) -> Profile:
        return Profile(self.instructions + other.instructions, Counter(self.functions) + Counter(other.functions))

    def dearest(self, share: float) -> list[tuple[str, int]]:
        """The named functions that cost at least this share of everything, dearest first."""
        named = [(name, cost) for name, cost in self.functions.items() if cost >= share * self.instructions and not _ADDRESS.match(name)]
        return sorted(named, key=lambda row: (-row[1], row[0]))


def read_profile(path: Path, symbols: Symbols) -> Profile:
    with path.open("rb") as stream:
        data = stream.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise StartupError(f"{path.name}: the profile is larger than {_LIMIT // 2**20} MiB; the run did more than start a program")
    return parse_profile(data.decode("utf-8", "replace").splitlines(), symbols)


def parse_profile(lines: Iterable[str], symbols: Symbols) -> Profile:
    """The costs of a profile in callgrind's format, version 1: names are given once and numbered, the line after ``calls=`` is the callee's."""
    names: dict[str, str] = {}
    costs: Counter[str] = Counter()
    current = ""
    inclusive = False
    for line in lines:
        match = _FUNCTION.match(line)
        if match is not None:
            current = _named(names, match)
        elif line.startswith("cfn="):
            called = _CALLED.match(line)
            if called is not None:
                _named(names, called)
        elif line.startswith("calls="):
            inclusive = True
        else:
            cost = _COST.match(line)
            if cost is not None and not inclusive:
                costs[current] += int(cost.group(1))
            if cost is not None:
                inclusive = False
    if not costs:
        raise StartupError("callgrind counted nothing; the program did not run under it")
    functions: Counter[str] = Counter()
    for key, cost_of in costs.items():
        functions[symbols.name(names.get(key, "?"))] += cost_of
    return Profile(sum(functions.values()), functions)


def _named(names: dict[str, str], match: re.Match[str]) -> str:
    number = match.group(1)
    if match.group(2) is not None:
        # A recursive function appears as name'2 and so on; it is one function.
        names[number] = match.group(2).partition("'")[0]
    return number
