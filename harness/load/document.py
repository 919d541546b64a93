"""A TOML file as text, value and positions, together with what was found wrong with it so far."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from harness.load.cursor import Span
from harness.load.errors import ScenarioError
from harness.load.limits import DIAGNOSTICS, FILE_BYTES
from harness.load.scan import KeyPath, Scan, scan
from harness.model.position import Diagnostic, Position

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_CLEARER = {
    "Cannot overwrite a value": "this key or table is defined twice",
    "Invalid statement": "this is neither a key, a table nor a comment",
    "Invalid value": "this is not a TOML value; texts stand in quotes",
}


def shown(path: Path) -> PurePath:
    """How a file is named in messages: relative to the current directory when it lies below it, so that the name can be clicked and pasted."""
    absolute, here = path.absolute(), Path.cwd()
    return PurePath(absolute.relative_to(here)) if absolute.is_relative_to(here) else PurePath(path)


@dataclass(slots=True)
class Document:
    """One file. Readers add to ``diagnostics`` and go on, so that all mistakes are told at once."""

    path: Path
    display: PurePath
    text: str
    value: dict[str, object] = field(default_factory=dict)
    spans: Scan = field(default_factory=Scan)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)
    """Other files that were read because this one names them."""
    arguments: dict[str, object] = field(default_factory=dict)
    """For a file that is read for one call of a procedure in it: what this call gives each parameter, as value trees."""
    _starts: list[int] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Document:
        """The parsed file; raises ``ScenarioError`` when it cannot be read or is not TOML 1.0."""
        display = shown(path)
        try:
            with path.open("rb") as stream:
                raw = stream.read(FILE_BYTES + 1)
        except OSError as error:
            raise _refused("H1001", display, f"cannot be read: {error.strerror or error}") from error
        if len(raw) > FILE_BYTES:
            raise _refused("H1002", display, f"larger than {FILE_BYTES // 1024} KiB")
        return cls.parse(raw, path, display)

    @classmethod
    def parse(cls, raw: bytes, path: Path, display: PurePath) -> Document:
        """The document of some bytes; raises ``ScenarioError``, never anything else, whatever they are."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
            raise _refused("H1003", display, f"byte 0x{raw[error.start]:02x} is not UTF-8", line, column) from error
        if text.startswith("\ufeff"):
            # Nobody sees it, so "not TOML" at the first column would be a riddle.
            raise _refused("H1003", display, "begins with a byte order mark, which TOML does not know")
        document = cls(path, display, text)
        document.spans = scan(text)
        problem = document.spans.problem
        if problem is not None:
            if problem.nesting:
                document.report("H1005", problem.span, problem.message, "no scenario needs this; flatten it")
            else:
                document.report("H1006", problem.span, f"{problem.message} is TOML 1.1", "write TOML 1.0, which every supported interpreter reads")
            raise document.error()
        try:
            document.value = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            document.report("H1004", document._syntax_span(str(error)), _syntax_message(str(error)))
            raise document.error() from error
        return document

    def report(self, code: str, span: Span, message: str, hint: str = "") -> None:
        position = self.position(span)
        if len(self.diagnostics) < DIAGNOSTICS:
            self.diagnostics.append(Diagnostic(code, position, message, hint, self.line(position.line)))

    def error(self) -> ScenarioError:
        """All mistakes so far in the order of the file; those of files that it includes come last."""

        def order(item: Diagnostic) -> tuple[bool, str, int, int, str]:
            position = item.position
            return position.path != self.display, position.path.as_posix(), position.line, position.column, item.code

        return ScenarioError(sorted(self.diagnostics, key=order))

    def reader(self, arguments: dict[str, object], sources: list[Path]) -> Document:
        """The same file as it is read for one call: with its arguments, and with mistakes of its own."""
        return replace(self, diagnostics=[], sources=sources, arguments=arguments)

    def adopt(self, diagnostics: Sequence[Diagnostic], trail: str) -> None:
        """Take over what was found in a file that this one includes or calls into; the same mistake is told once."""
        known = {(item.code, item.position, item.message) for item in self.diagnostics}
        for item in diagnostics:
            if (item.code, item.position, item.message) not in known and len(self.diagnostics) < DIAGNOSTICS:
                self.diagnostics.append(replace(item, trail=(*item.trail, trail)))

    def position(self, span: Span) -> Position:
        starts = self._line_starts()
        line = bisect_right(starts, span[0])
        end_of_line = starts[line] - 1 if line < len(starts) else len(self.text)
        return Position(self.display, line, span[0] - starts[line - 1] + 1, max(1, min(span[1], end_of_line) - span[0]))

    def line(self, number: int) -> str:
        """The text of a 1-based line without its end."""
        starts = self._line_starts()
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")

    def key_span(self, path: KeyPath) -> Span:
        """Where the key of a path stands; the nearest enclosing one for what is not written down."""
        return self._nearest(self.spans.keys, path)

    def value_span(self, path: KeyPath) -> Span:
        return self._nearest(self.spans.values, path)

    def first_table_line(self) -> int:
        """The line of the first heading in brackets."""
        headings = [span for span in self.spans.keys.values() if self.text.startswith("[", span[0]) and self.text[: span[0]].rpartition("\n")[2].strip() == ""]
        return self.position(min(headings)).line if headings else 1

    def _nearest(self, spans: dict[KeyPath, Span], path: KeyPath) -> Span:
        for candidate in _prefixes(path):
            if candidate in spans:
                return spans[candidate]
        return (0, 0)

    def _line_starts(self) -> list[int]:
        if not self._starts:
            self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        return self._starts

    def _syntax_span(self, message: str) -> Span:
        match = _AT.search(message)
        if match is None or match[1] is None:
            end = len(self.text.rstrip())
            return (max(0, end - 1), end) if match else (0, 0)
        starts = self._line_starts()
        # The reader counts columns in a text whose line ends are already single line feeds, as ours are within a line.
        offset = starts[min(int(match[1]), len(starts)) - 1] + int(match[2]) - 1
        return (offset, offset + 1)


def _prefixes(path: KeyPath) -> Iterator[KeyPath]:
    for length in range(len(path), 0, -1):
        yield path[:length]


def _syntax_message(message: str) -> str:
    plain = _AT.sub("", message)
    return f"not TOML: {_CLEARER.get(plain, plain[:1].lower() + plain[1:])}"


def _refused(code: str, display: PurePath, message: str, line: int = 1, column: int = 1) -> ScenarioError:
    return ScenarioError((Diagnostic(code, Position(display, line, column), message),))
