"""What characters are, as C source: the facts of the interpreter that runs this, for a front that no interpreter is linked into."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from sys import maxunicode

_FACTS: dict[str, Callable[[str], bool]] = {
    "_PyUnicode_IsPrintable": str.isprintable,
    "_PyUnicode_IsAlpha": str.isalpha,
    "_PyUnicode_IsDecimalDigit": str.isdecimal,
    "_PyUnicode_IsDigit": str.isdigit,
    "_PyUnicode_IsNumeric": str.isnumeric,
    "_PyUnicode_IsWhitespace": str.isspace,
}
_SEARCH = """/* Generated: ranges of characters, as the interpreter knows them. */
#include <stddef.h>
#include "characters.h"

struct range {
    uint32_t first;
    uint32_t last;
};

static const struct range *find(const struct range *ranges, size_t count, uint32_t code)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (code > ranges[middle].last) {
            low = middle + 1;
        } else if (code < ranges[middle].first) {
            count = middle;
        } else {
            return &ranges[middle];
        }
    }
    return NULL;
}
"""


def source() -> str:
    """The whole C file."""
    parts = [_SEARCH]
    characters = [chr(code) for code in range(maxunicode + 1)]
    for name, holds in _FACTS.items():
        parts.append(_table(name, _ranges([holds(character) for character in characters])))
        parts.append(f"int {name}(uint32_t code)\n{{\n    return find({_array(name)}, sizeof {_array(name)} / sizeof *{_array(name)}, code) != NULL;\n}}\n")
    # Digits come in runs of ten that begin with zero.
    zeros = [code for code, character in enumerate(characters) if unicodedata.decimal(character, -1) == 0]
    name = "_PyUnicode_ToDecimalDigit"
    parts.append(_table(name, ((zero, zero + 9) for zero in zeros)))
    parts.append(
        f"int {name}(uint32_t code)\n{{\n    const struct range *run = find({_array(name)}, sizeof {_array(name)} / sizeof *{_array(name)}, code);\n"
        "    return run != NULL ? (int)(code - run->first) : -1;\n}\n"
    )
    return "\n".join(parts)


def _ranges(holds: list[bool]) -> Iterator[tuple[int, int]]:
    start = -1
    for code, value in enumerate([*holds, False]):
        if value and start < 0:
            start = code
        elif not value and start >= 0:
            yield start, code - 1
            start = -1


def _array(name: str) -> str:
    return name.removeprefix("_PyUnicode_").lower() + "_ranges"


def _table(name: str, ranges: Iterator[tuple[int, int]]) -> str:
    rows = "".join(f"    {{{first}, {last}}},\n" for first, last in ranges)
    return f"static const struct range {_array(name)}[] = {{\n{rows}}};\n"
