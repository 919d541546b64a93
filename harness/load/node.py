"""A value of a TOML file that knows where it stands: the strict reader that verbs and assertion kinds bind with.

Every method returns what was asked for, or None after the mistake was reported; nobody who binds has to think about positions.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final

from harness.load.cursor import Span
from harness.load.document import Document
from harness.load.names import Malformed, Names, parse_template
from harness.load.scan import KeyPath
from harness.load.shape import DURATION, IDENTIFIER, WORD, Shape
from harness.model.position import Position
from harness.model.template import Reference, Template, as_text, inserts

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION: Final = re.compile(DURATION)
_IDENTIFIER: Final = re.compile(IDENTIFIER)
_WORD: Final = re.compile(WORD)
_LONGEST_SECONDS: Final = 86_400.0
_LISTED: Final = 24


def root(document: Document) -> Node:
    """The whole file as a table."""
    return Node(document, (), document.value)


def nearest(word: str, choices: Sequence[str]) -> str | None:
    """The choice that somebody who wrote ``word`` most likely meant."""
    lowered = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word.lower()[:80], list(lowered), n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def is_word(text: str) -> bool:
    """Whether a text can be the name of a placeholder."""
    return len(text) <= 60 and _WORD.fullmatch(text) is not None


def _kind(value: object) -> str:
    names = ((bool, "true or false"), (str, "a text"), (int, "a whole number"), (float, "a number"), (dict, "a table"), (list, "a list"), (datetime, "a date"))
    return next((name for type_, name in names if isinstance(value, type_)), "a date" if isinstance(value, date) else "a time")


@dataclass(frozen=True, slots=True)
class Node:
    """A value, its path in the document, and the document that collects what is wrong with it."""

    document: Document
    path: KeyPath
    value: object

    @property
    def position(self) -> Position:
        """Where the key stands."""
        return self.document.position(self.document.key_span(self.path))

    @property
    def key(self) -> str:
        """The last name of the path, for messages."""
        return next((str(part) for part in reversed(self.path) if isinstance(part, str)), "the file")

    def report(self, code: str, message: str, hint: str = "", *, at_key: bool = False, span: Span | None = None) -> None:
        """Record a mistake at the value, at its key, or at a span of the text."""
        place = self.document.key_span if at_key else self.document.value_span
        self.document.report(code, span or place(self.path), message, hint)

    def child(self, step: str | int, value: object) -> Node:
        return Node(self.document, (*self.path, step), value)

    def _wrong(self, wanted: str, hint: str = "") -> None:
        subject = f'an item of "{self.key}"' if self.path and isinstance(self.path[-1], int) else f'"{self.key}"'
        self.report("H2102", f"{subject} must be {wanted}, not {_kind(self.value)}", hint)

    # Tables and lists

    def table(self, shape: Shape, subject: str = "") -> dict[str, Node] | None:
        """The children by key. Unknown, planned and missing keys are reported; the known ones are returned all the same."""
        if not isinstance(self.value, dict):
            self._wrong("a table")
            return None
        subject = subject or shape.title
        nodes: dict[str, Node] = {}
        for name, value in self.value.items():
            node = self.child(name, value)
            if name in shape.keys:
                nodes[name] = node
            elif name in shape.outer:
                line = self.document.first_table_line()
                hint = f"keys of the scenario stand before the first table: move it above line {line}"
                node.report("H2106", f'"{name}" stands in {subject}, where it means nothing', hint, at_key=True)
            elif name in shape.elsewhere:
                node.report("H2112", f'"{name}" does not belong into a scenario', shape.elsewhere[name], at_key=True)
            elif name in shape.planned:
                node.report("H2105", f'"{name}" in {subject} is planned, and not part of this version', "leave it out", at_key=True)
            else:
                node.report("H2107", f'unknown key "{name}" in {subject}', _suggestion(name, shape), at_key=True)
        for name, key in shape.keys.items():
            if key.required and name not in self.value:
                self.report("H2101", f'{subject} has no "{name}"', key.doc, at_key=True)
        return nodes

    def free_table(self) -> dict[str, Node] | None:
        """The children of a table whose keys the author chooses."""
        if not isinstance(self.value, dict):
            self._wrong("a table")
            return None
        return {name: self.child(name, value) for name, value in self.value.items()}

    def items(self, *, empty: bool = False, hint: str = "") -> list[Node] | None:
        if not isinstance(self.value, list):
            self._wrong("a list", hint or ('write ["…"]' if isinstance(self.value, str) else ""))
            return None
        if not self.value and not empty:
            self.report("H2108", f'"{self.key}" is empty', "say what it is about, or leave it out")
            return None
        return [self.child(index, item) for index, item in enumerate(self.value)]

    def word(self) -> str | None:
        """The key itself, when it can be used as the name of a placeholder."""
        if is_word(self.key):
            return self.key
        self.report("H2109", f'"{self.key[:60]}" cannot be used as a name', "letters, digits, '-' and '_', beginning with a letter", at_key=True)
        return None

    def one_or_many(self) -> list[Node] | None:
        """The items of a list, or the value itself when it is a single text."""
        return [self] if isinstance(self.value, str) else self.items()

    # Scalars

    def text(self, *, empty: bool = False) -> str | None:
        """A text that is known when the file is loaded."""
        settled = self._settled()
        return None if settled is None else settled._written(empty=empty)

    def _written(self, *, empty: bool) -> str | None:
        if not isinstance(self.value, str):
            self._wrong("a text", "put it in quotes" if isinstance(self.value, int | float | date | time) else "")
            return None
        if not self.value and not empty:
            self.report("H2108", f'"{self.key}" is empty', "say what it is about, or leave it out")
            return None
        return self.value

    def _settled(self) -> Node | None:
        """Where a value has to be known when the file is loaded, a parameter of a procedure stands for the plain value that the call gives it."""
        known = self.document.arguments
        if not known or not isinstance(self.value, str) or not self.value.startswith("${") or not self.value.endswith("}"):
            return self
        name = self.value[2:-1]
        if name in known and inserts(known[name]):
            hint = "give a plain value there: this key is read when the file is loaded"
            self.report("H2206", f'"{self.key}" takes what the call gives "{name}", and that is known only while a case runs', hint)
            return None
        return replace(self, value=known.get(name, self.value))

    def texts(self) -> tuple[str, ...] | None:
        items = self.items()
        found = [item.text() for item in items or ()]
        return None if items is None or None in found else tuple(item for item in found if item is not None)

    def integer(self, low: int, high: int) -> int | None:
        settled = self._settled()
        if settled is None:
            return None
        value = settled.value
        if isinstance(value, bool) or not isinstance(value, int):
            settled._wrong("a whole number")
            return None
        if not low <= value <= high:
            self.report("H2103", f'"{self.key}" must lie between {low} and {high}')
            return None
        return value

    def true(self) -> bool | None:
        """The one value of a switch."""
        settled = self._settled()
        if settled is not None and settled.value is not True:
            self.report("H2103", f'"{self.key}" can only be true', "leave the key out to switch it off")
        return True if settled is not None and settled.value is True else None

    def choice(self, choices: Sequence[str]) -> str | None:
        text = self.text()
        if text is None or text in choices:
            return text
        meant = nearest(text, choices)
        listed = "one of " + ", ".join(choices)
        self.report("H2103", f'"{self.key}" cannot be "{text}"', f'did you mean "{meant}"? It is {listed}' if meant else f"it is {listed}")
        return None

    def identifier(self) -> str | None:
        text = self.text()
        if text is not None and not (_IDENTIFIER.fullmatch(text) and len(text) <= 100):
            self.report("H2109", f'"{text[:60]}" cannot be used as a name', "letters, digits, '-', '_' and '.', beginning with a letter or digit")
            return None
        return text

    def seconds(self) -> float | None:
        """A duration in seconds; a bare number is refused, because nobody knows whether it means seconds."""
        settled = self._settled()
        if settled is None:
            return None
        if isinstance(settled.value, int | float) and not isinstance(settled.value, bool):
            self.report("H2104", f'"{self.key}" has no unit', f'write "{settled.value}s"')
            return None
        text = settled._written(empty=False)
        if text is None:
            return None
        match = _DURATION.fullmatch(text) if len(text) <= 20 else None
        seconds = float(text.removesuffix(match[2])) * _UNITS[match[2]] if match else 0.0
        if not 0.0 < seconds <= _LONGEST_SECONDS:
            self.report("H2104", f'"{text[:30]}" is not a duration between 1ms and 24h', 'a number and one of ms, s, m, h, such as "500ms"')
            return None
        return seconds

    # Templates

    def template(self, names: Names, *, empty: bool = True) -> Template | None:
        """A text whose placeholders are all known here and stand for texts or numbers."""
        text = self._written(empty=empty)
        if text is None:
            return None
        template = self._parsed(text, names)
        if template is None:
            return None
        good = True
        for reference in template.references:
            if reference.splice:
                self._at(reference, "H2202", f'"${{*{reference.name}}}" puts a list of arguments in place; here stands a text', f"write ${{{reference.name}}}")
                good = False
            elif any(isinstance(value, list | dict) for value in names.values(reference.name)):
                hint = f"write ${{*{reference.name}}} for arguments"
                self._at(reference, "H2205", f'"{reference.name}" is a list or table and cannot be put into a text', hint)
                good = False
        return _qualified(template, names) if good else None

    def argument(self, names: Names) -> Template | None:
        """One item of an argument list: a text, or nothing but ``${*name}``."""
        if not isinstance(self.value, str):
            self._wrong("a text", f'write "{as_text(self.value)}"' if isinstance(self.value, int | float) else "every argument is a text in quotes")
            return None
        template = self._parsed(self.value, names)
        if template is None or not any(reference.splice for reference in template.references):
            return self.template(names) if template else None
        reference = next(item for item in template.references if item.splice)
        if len(template.parts) > 1:
            self._at(reference, "H2202", f'"${{*{reference.name}}}" must be an argument of its own', "no other text in the same item")
        elif not all(_is_arguments(value) for value in names.values(reference.name)) or not names.values(reference.name):
            self._at(reference, "H2202", f'"{reference.name}" is not a list of texts in every case', f"write ${{{reference.name}}} for a single argument")
        else:
            return _qualified(template, names)
        return None

    def value_tree(self, names: Names) -> object:
        """The value as JSON knows it, with a template wherever something has to be inserted; None also stands for a mistake that was reported."""
        value = self.value
        if isinstance(value, dict):
            return {name: self.child(name, item).value_tree(names) for name, item in value.items()}
        if isinstance(value, list):
            return [self.child(index, item).value_tree(names) for index, item in enumerate(value)]
        if isinstance(value, str):
            return self._text_or_template(value, names)
        if isinstance(value, date | time) or (isinstance(value, float) and not math.isfinite(value)):
            what = f"{value}" if isinstance(value, float) else _kind(value)
            self.report("H2111", f"{what} has no counterpart in JSON", "write it as a text in quotes")
            return None
        return value

    def _text_or_template(self, text: str, names: Names) -> object:
        template = self._parsed(text, names)
        if template is None:
            return None
        if template.literal is not None:
            return template.literal
        whole = len(template.parts) == 1 and not template.references[0].splice
        return _qualified(template, names) if whole else self.template(names)

    def _parsed(self, text: str, names: Names) -> Template | None:
        parsed = parse_template(text)
        if isinstance(parsed, Malformed):
            self.report("H2201", f'"{parsed.text}" is not a placeholder', "${name}, ${*name}, or $$ for a dollar sign", span=self._inside(parsed.text))
            return None
        if not parsed.references:
            return parsed
        listed = names.known()
        missing = [reference for reference in parsed.references if reference.name not in listed]
        for reference in missing:
            if names.excused(reference.name):
                continue
            meant = nearest(reference.name, listed)
            hint = f'did you mean "{meant}"? ' if meant else ""
            self._at(reference, "H2203", f'"{_written(reference)}" is not defined here', f"{hint}{known_here(listed)}")
        return None if missing else parsed

    def _at(self, reference: Reference, code: str, message: str, hint: str) -> None:
        self.report(code, message, hint, span=self._inside(_written(reference)))

    def _inside(self, text: str) -> Span | None:
        start, end = self.document.value_span(self.path)
        found = self.document.text.find(text, start, end)
        return (found, found + len(text)) if found >= 0 else None


def _qualified(template: Template, names: Names) -> Template:
    """The template with the names under which its values are known while a case runs."""
    if not names.prefix:
        return template
    parts = (part if isinstance(part, str) else replace(part, name=names.full(part.name)) for part in template.parts)
    return replace(template, parts=tuple(parts))


def _written(reference: Reference) -> str:
    return f"${{{'*' if reference.splice else ''}{reference.name}}}"


def _is_arguments(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str | Template) for item in value)


def meant_key(name: str, shape: Shape) -> str | None:
    """The key of a shape that somebody who wrote ``name`` most likely meant."""
    found = nearest(name, [*shape.keys, *shape.aliases])
    return shape.aliases.get(found, found) if found else None


def known_here(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    return f"known here: {shown}, and {len(names) - _LISTED} more" if len(names) > _LISTED else f"known here: {shown}"


def _suggestion(name: str, shape: Shape) -> str:
    meant = meant_key(name, shape)
    return f'did you mean "{meant}"?' if meant else known_here(list(shape.keys))
