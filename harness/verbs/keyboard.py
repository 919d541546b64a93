"""The keys of a terminal by name, and the bytes that they send in the mode in which a terminal starts."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Final

_ESCAPE: Final = "\x1b"

KEYS: Final[Mapping[str, bytes]] = {
    name: text.encode()
    for name, text in {
        "Enter": "\r",
        "Tab": "\t",
        "Space": " ",
        "Escape": _ESCAPE,
        "Backspace": "\x7f",
        "Delete": f"{_ESCAPE}[3~",
        "Insert": f"{_ESCAPE}[2~",
        "Up": f"{_ESCAPE}[A",
        "Down": f"{_ESCAPE}[B",
        "Right": f"{_ESCAPE}[C",
        "Left": f"{_ESCAPE}[D",
        "Home": f"{_ESCAPE}[1~",
        "End": f"{_ESCAPE}[4~",
        "PageUp": f"{_ESCAPE}[5~",
        "PageDown": f"{_ESCAPE}[6~",
        **{f"F{number}": f"{_ESCAPE}[[{letter}" for number, letter in enumerate("ABCDE", 1)},
        **{f"F{number}": f"{_ESCAPE}[{code}~" for number, code in zip(range(6, 13), (17, 18, 19, 20, 21, 23, 24), strict=True)},
        **{f"Ctrl-{letter}": chr(ord(letter) - 64) for letter in string.ascii_uppercase},
        "Ctrl-Space": "\0",
        "Ctrl-\\": "\x1c",
        **{f"Alt-{letter.upper()}": f"{_ESCAPE}{letter}" for letter in string.ascii_lowercase},
    }.items()
}
LISTED: Final = (
    "one of Enter, Tab, Space, Escape, Backspace, Delete, Insert, Up, Down, Left, Right, Home, End, PageUp, PageDown, F1 to F12, "
    "Ctrl-A to Ctrl-Z, Ctrl-Space, Ctrl-\\, Alt-A to Alt-Z"
)
