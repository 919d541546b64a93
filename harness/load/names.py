"""Which placeholders may be used at a place of a scenario, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from harness.model.template import Reference, Template

SERVER_FIELDS: Final = ("url", "port", "host")
SANDBOX: Final = "sandbox"
RESERVED: Final = frozenset({SANDBOX, "case"})
_TOKEN: Final = re.compile(r"\$\$|\$\{(?P<splice>\*?)(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\}|\$\{(?P<bad>[^}\n]{0,40}\}?)")


@dataclass(frozen=True, slots=True)
class Names:
    """The placeholders known at one place. ``columns`` maps each case column to the values it has over all cases."""

    columns: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    servers: frozenset[str] = frozenset()
    captures: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return name in set(self.known())

    def known(self) -> list[str]:
        """Every name in the order in which a reader looks for it."""
        columns = [f"case.{column}" for column in self.columns]
        servers = [f"{server}.{part}" for server in sorted(self.servers) for part in SERVER_FIELDS]
        return [*columns, *servers, *sorted(self.captures), SANDBOX]

    def values(self, name: str) -> tuple[object, ...]:
        """What a name stands for in each case; a name that is no column always stands for a text or a number."""
        return self.columns.get(name.removeprefix("case."), ()) if name.startswith("case.") else ()

    def with_captures(self, captures: frozenset[str]) -> Names:
        return replace(self, captures=self.captures | captures)


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
