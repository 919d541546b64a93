"""The values that placeholders stand for while a cell runs: as they really are, and as they read after normalising."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from urllib.parse import urlsplit

from harness.faults import HarnessFault, MissingValue
from harness.model.scenario import Case, Scenario
from harness.model.template import fill_value
from harness.model.trust import FIELDS as TRUST_FIELDS
from harness.model.trust import is_secure, trust_file

_URL_PARTS = ("url", "port", "host")


class Scope:
    """Grows by the captures of each step. Every value is write-once."""

    def __init__(self, scenario: Scenario, case: Case, work: str) -> None:
        self._columns = case.columns
        self._arguments = scenario.arguments
        self._work = work
        self._servers: dict[str, str] = {}
        self._captures: dict[str, object] = {}
        self._followed: dict[str, object] = {}
        steps = (*scenario.steps, *scenario.always)
        self._promised = frozenset(name for step in steps for name in (*(c.name for c in step.captures), *(g.name for g in step.gathers)))

    @property
    def servers(self) -> Mapping[str, str]:
        """Names of leased servers and their URLs."""
        return self._servers

    def add_server(self, name: str, url: str) -> None:
        self._servers[name] = url

    def add_captures(self, values: Mapping[str, object]) -> None:
        twice = sorted(values.keys() & self._captures.keys())
        if twice:
            raise HarnessFault(f"{', '.join(twice)} captured twice; captures are write-once, so give the second one another name")
        self._captures.update(values)

    def follow(self, name: str, value: object) -> None:
        """The value of the capture that a repeated step follows, for the next round; it is captured when the last one is over."""
        self._followed[name] = value

    def real(self, name: str) -> object:
        """What the artifact and the servers get to see."""
        head, _, tail = name.partition(".")
        if head in self._servers and tail in _URL_PARTS:
            return self._server_part(self._servers[head], tail)
        if tail in TRUST_FIELDS and is_secure(self._servers.get(head, "")):
            return str(trust_file(PurePath(self._work), head, tail))
        return self._value(name)

    def normalised(self, normalise: Callable[[str], str]) -> Callable[[str], object]:
        """What an expectation gets to see: the same placeholders that the output is compared in."""

        def lookup(name: str) -> object:
            head, _, tail = name.partition(".")
            if head in self._servers and tail in ("url", "port", *TRUST_FIELDS):
                return f"<{tail}:{head}>"
            if name in self._arguments:  # its own text is as literal as any other of the scenario
                return fill_value(self._arguments[name], lookup)
            return _each_text(self.real(name), normalise)

        return lookup

    def _value(self, name: str) -> object:
        if name == "sandbox":
            return self._work
        if name.startswith("case.") and (column := name.removeprefix("case.")) in self._columns:
            return self._columns[column]
        if name in self._arguments:
            return fill_value(self._arguments[name], self.real)
        if name in self._captures:
            return self._captures[name]
        if name in self._followed:
            return self._followed[name]
        if name in self._promised:
            raise MissingValue(name)
        raise HarnessFault(f"${{{name}}} is not defined in this cell; check the scenario with `conformance lint`")

    @staticmethod
    def _server_part(url: str, part: str) -> object:
        split = urlsplit(url)
        return {"url": url, "port": str(split.port), "host": split.hostname}[part]


def _each_text(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(item, change) for item in value]
    return value
