"""Which names of a mesh may be offered to a shell: those that no shell takes apart, expands or runs once they stand on the command line.

One rule for all shells, kept here, because names come from servers and a candidate that was inserted is run with the next Enter. Letters and
digits of any script are inert everywhere; of the signs only those are let through that no shell gives a meaning inside a word. What begins
otherwise than with a letter, a digit or a low line is left out as well: `-` would be read as an option, and `~`, `=`, `%` and `@` mean something
at the start of a word in one shell or another (in zsh, where an option is set, also behind another `=`, so that sign is let through nowhere).
"""

from __future__ import annotations

LONGEST = 255
MOST = 10_000
_SIGNS = frozenset("._-:/@+%")
_USUAL = _SIGNS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def offered(name: str) -> bool:
    """Whether `name` may be offered."""
    if not 0 < len(name) <= LONGEST or not (name[0].isalnum() or name[0] == "_"):
        return False
    # Ten thousand names may be looked at when TAB is pressed; for usual ones the first half is the cheaper way to know.
    return _USUAL.issuperset(name) or _SIGNS.issuperset([char for char in name if not char.isalnum()])


def chosen(names: set[str]) -> list[str]:
    """Those that may be offered, sorted, and no more than MOST of them."""
    return sorted([name for name in names if offered(name)])[:MOST]
