"""Which placeholders may be used at a place of a scenario, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.model.template import Reference, Template
from harness.model.trust import FIELDS as TRUST_FIELDS

SERVER_FIELDS: Final = ("url", "port", "host")
SANDBOX: Final = "sandbox"
RESERVED: Final = frozenset({SANDBOX, "case"})
_TOKEN: Final = re.compile(r"\$\$|\$\{(?P<splice>\*?)(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\}|\$\{(?P<bad>[^}\n]{0,40}\}?)")


@dataclass(frozen=True, slots=True)
class Names:
    """The placeholders known at one place. ``columns`` maps each case column to the values it has over all cases.

    Within a procedure a name that is written ``x`` means ``<prefix>x``: what its call was given, or what its own steps captured. Nothing of the
    scenario that calls it is visible there, so a procedure reads the same whoever calls it.
    """

    columns: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    servers: frozenset[str] = frozenset()
    secure: frozenset[str] = frozenset()
    """Those of the servers that speak TLS."""
    captures: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    """Captured names that stand for a list of values (``gather``)."""
    arguments: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    """The parameters of the procedure, and what each stands for in each case; ``()`` for a text or a number that only a run can tell."""
    steps: tuple[str, ...] = ()
    """Full ids of the steps before this place."""
    broken: frozenset[str] = frozenset()
    """Full ids of calls that could not be expanded: what they would have captured is not known, and that was told already."""
    prefix: str = ""
    """What precedes the names of captures, parameters and steps here: the ids of the calls that lead to this place, each with a dot."""
    folders: tuple[Path, ...] = ()
    """Where files that a value names are looked for, in this order."""

    def step(self, written: str) -> str:
        """The full id of the step that is called ``written`` at this place."""
        return self.prefix + written

    def full(self, written: str) -> str:
        """The name under which a value that is called ``written`` here is known while a case runs."""
        return written if written == SANDBOX else self.prefix + written

    def known(self) -> list[str]:
        """Every name, as it is written here, in the order in which a reader looks for it."""
        own = [*self.arguments, *sorted(self.captures | self.lists), SANDBOX]
        if self.prefix:
            return own
        columns = [f"case.{column}" for column in self.columns]
        servers = [f"{server}.{part}" for server in sorted(self.servers) for part in (*SERVER_FIELDS, *(TRUST_FIELDS if server in self.secure else ()))]
        return [*columns, *servers, *own]

    def values(self, written: str) -> tuple[object, ...]:
        """What a name that is written here stands for in each case; ``()`` when it always stands for a text or a number."""
        if written in self.lists:
            return ([],)
        if written in self.arguments:
            return self.arguments[written]
        return self.columns.get(written.removeprefix("case."), ()) if written.startswith("case.") and not self.prefix else ()

    def values_of(self, template: Template) -> tuple[object, ...]:
        """What a template that is nothing but one placeholder stands for in each case; ``()`` for any other."""
        first = template.parts[0] if len(template.parts) == 1 else None
        return self.values(first.name.removeprefix(self.prefix)) if isinstance(first, Reference) else ()

    def excused(self, written: str) -> bool:
        """Whether a name is unknown only because a call with a mistake would have brought it."""
        return any(self.full(written).startswith(f"{call}.") for call in self.broken)

    def taken(self, name: str) -> bool:
        """Whether a capture cannot be called ``name`` here, because it means something else."""
        return name in RESERVED or name in self.arguments or (not self.prefix and name in self.servers)

    def after(self, steps: Collection[str], captures: Collection[str], lists: Collection[str], broken: Collection[str]) -> Names:
        """The names at a place behind these steps, given by their full names."""
        return replace(
            self,
            steps=tuple(steps),
            broken=frozenset(broken),
            captures=frozenset(name.removeprefix(self.prefix) for name in captures if name.startswith(self.prefix)),
            lists=frozenset(name.removeprefix(self.prefix) for name in lists if name.startswith(self.prefix)),
        )


@dataclass(frozen=True, slots=True)
class Malformed:
    """A ``${`` that does not read as a placeholder."""

    text: str


def parse_template(source: str) -> Template | Malformed:
    """The template of a text. A dollar sign that is followed by neither ``{`` nor another one is literal."""
    if "$" not in source:
        return Template(source, (source,) if source else ())
    parts: list[str | Reference] = []
    for part in _tokens(source):
        if isinstance(part, Malformed):
            return part
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "":
            parts.append(part)
    return Template(source, tuple(parts))


def _tokens(source: str) -> Iterator[str | Reference | Malformed]:
    end = 0
    for match in _TOKEN.finditer(source):
        yield source[end : match.start()]
        end = match.end()
        if match["name"] is not None:
            yield Reference(match["name"], splice=bool(match["splice"]))
        elif match["bad"] is not None:
            yield Malformed(match.group())
        else:
            yield "$"
    yield source[end:]
