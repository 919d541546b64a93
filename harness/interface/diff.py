"""What changed from one interface to the next, each change with its class.

========= =====================================================================================================================
breaking  a command line that was understood is understood no more, or means something else: a command, spelling, choice, exit code
          or variable gone, a kind changed, a default changed, choices or numbers where any text was taken, values that no longer add up
added     what was refused is understood now, or there is something new to know: a command, option, spelling, choice, exit code, a value
          that may be repeated, any text where numbers were taken
text      only words for people changed, or what shells offer, or what the native program needs for a verb
========= =====================================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from harness.interface.model import ANY_TEXT, Command, Interface, Named, Parameter

BREAKING = "breaking"
ADDED = "added"
TEXT = "text"
CLASSES = (BREAKING, ADDED, TEXT)
_WORDS = "words"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``subject`` is what a changelog calls it: the command without the program's name, and the option."""

    kind: str
    subject: str
    what: str


def compare(old: Interface, new: Interface) -> tuple[Change, ...]:
    """All changes: breaking ones first, then in the order of the interfaces."""
    found = list(_program(old, new))
    before = {_below(old, command.path): command for command in old.commands}
    after = {_below(new, command.path): command for command in new.commands}
    for path, command in before.items():
        if path not in after:
            found.append(Change(BREAKING, path or old.program, f"the {command.kind} is gone"))
        else:
            found += _command(path, command, after[path])
    found += [Change(ADDED, path or new.program, f"a new {command.kind}") for path, command in after.items() if path not in before]
    found += _named("exit code", old.exit_codes, new.exit_codes)
    found += _named("environment variable", old.environment, new.environment)
    return tuple(sorted(found, key=lambda change: CLASSES.index(change.kind)))


def _program(old: Interface, new: Interface) -> Iterator[Change]:
    if old.program != new.program:
        yield Change(BREAKING, old.program, f"the program is called {new.program} now")


def _below(interface: Interface, path: str) -> str:
    """The path without the program's name, so that a renamed program is one change."""
    return path.removeprefix(interface.program).strip()


def _command(path: str, old: Command, new: Command) -> Iterator[Change]:
    subject = path or "the program itself"
    if old.kind != new.kind:
        yield Change(BREAKING, subject, f"was a {old.kind}, is a {new.kind} now")
    if old.texts != new.texts:
        yield Change(TEXT, subject, "its description or usage line reads otherwise")
    if old.kind == new.kind and old.gear != new.gear:
        yield Change(TEXT, subject, f"was of the gear {old.gear or 'unknown'}, is of the gear {new.gear or 'unknown'} now")
    pairs = _pairs(old.parameters, new.parameters)
    for before, after in pairs:
        yield from _parameter(path, before, after)
    known = [after for _, after in pairs if after is not None]
    for parameter in new.parameters:
        if parameter not in known:
            yield Change(ADDED, _subject(path, parameter), "is new")


def _pairs(old: Sequence[Parameter], new: Sequence[Parameter]) -> list[tuple[Parameter, Parameter | None]]:
    """Each old parameter with what it is now: the one that has its first spelling, or else any of its spellings that no other one claims."""
    rest = list(new)
    found: dict[int, Parameter] = {}
    for exact in (True, False):
        for place, parameter in enumerate(old):
            names = parameter.names[:1] if exact else parameter.names
            match = next((other for other in rest if _same_sort(parameter, other) and (parameter.kind == _WORDS or set(names) & set(other.names))), None)
            if place not in found and match is not None:
                found[place] = match
                rest.remove(match)
    return [(parameter, found.get(place)) for place, parameter in enumerate(old)]


def _same_sort(one: Parameter, other: Parameter) -> bool:
    return (one.kind == _WORDS) == (other.kind == _WORDS)


def _parameter(path: str, old: Parameter, new: Parameter | None) -> Iterator[Change]:
    subject = _subject(path, old)
    if new is None:
        yield Change(BREAKING, subject, "is gone")
        return
    if old.kind != new.kind:
        yield Change(BREAKING, subject, f"was of the kind {old.kind}, is of the kind {new.kind} now")
    if old.kind != _WORDS:
        yield from (Change(BREAKING, subject, f"the spelling {name} is gone") for name in old.names if name not in new.names)
        yield from (Change(ADDED, subject, f"the spelling {name} is new") for name in new.names if name not in old.names)
    if old.default != new.default:
        yield Change(BREAKING, subject, f"the default was {_value(old.default)}, is {_value(new.default)} now")
    yield from _values(subject, old, new)
    yield from _choices(subject, old.choices, new.choices)
    if old.texts != new.texts:
        yield Change(TEXT, subject, "its help reads otherwise")
    if old.completion != new.completion and old.choices == new.choices:
        yield Change(TEXT, subject, "completion offers something else for it")


def _values(subject: str, old: Parameter, new: Parameter) -> Iterator[Change]:
    if old.type != new.type:
        yield Change(ADDED if new.type == ANY_TEXT else BREAKING, subject, f"took a value of the type {old.type}, takes one of the type {new.type} now")
    if new.repeated and not old.repeated:
        yield Change(ADDED, subject, "may be repeated now")
    elif old.repeated and not new.repeated:
        yield Change(BREAKING, subject, "may be repeated no more: only the last value counts")


def _choices(subject: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    if not old and new:
        yield Change(BREAKING, subject, f"took any text, takes only {', '.join(new)} now")
    elif old and not new:
        yield Change(ADDED, subject, f"takes any text now, not only {', '.join(old)}")
    else:
        yield from (Change(BREAKING, subject, f"the choice {choice} is gone") for choice in old if choice not in new)
        yield from (Change(ADDED, subject, f"the choice {choice} is new") for choice in new if choice not in old)


def _named(what: str, old: Sequence[Named], new: Sequence[Named]) -> Iterator[Change]:
    before, after = ({item.name: item.meaning for item in items} for items in (old, new))
    for name in chain(before, (name for name in after if name not in before)):
        if name not in after:
            yield Change(BREAKING, f"{what} {name}", "is gone")
        elif name not in before:
            yield Change(ADDED, f"{what} {name}", "is new")
        elif before[name] != after[name]:
            yield Change(TEXT, f"{what} {name}", "is described otherwise")


def _subject(path: str, parameter: Parameter) -> str:
    return f"{path} {parameter.names[0]}".strip()


def _value(default: str | bool | None) -> str:
    if default is None:
        return "none"
    return {True: "true", False: "false"}[default] if isinstance(default, bool) else repr(default)
