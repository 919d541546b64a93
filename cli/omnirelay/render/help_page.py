"""Lays out help pages and usage lines; the words were cut at build time, so that only filling lines is left.

A page is a tuple of (tag, first, words): `text`, `section` and `row`. In `words` the pieces of a paragraph are parted by
PIECE and paragraphs by PARAGRAPH. The result is equal to Click's formatter at every width.
"""

from __future__ import annotations

PIECE = "\x1f"
PARAGRAPH = "\x1e"
_FIRST_COLUMN_LIMIT = 30
_SPACING = 2

TYPE_CHECKING = False
if TYPE_CHECKING:
    Page = tuple[tuple[str, str, str], ...]


def width_for(columns: int) -> int:
    """The width of the text on a terminal of so many columns."""
    return max(min(columns, 80) - 2, 50)


def usage(path: str, pieces: str, width: int) -> str:
    """The usage line of a node, without its end."""
    prefix = "Usage: " + path + " "
    words = pieces.split(PIECE)
    if width >= len(prefix) + 20:
        return "\n".join(_fill(words, width, prefix, " " * len(prefix)))
    indent = " " * (len("Usage: ") + 4)
    return prefix + "\n" + "\n".join(_fill(words, width, indent, indent))


def page(path: str, pieces: str, rows: Page, width: int) -> str:
    """The whole help page, with its last line end."""
    parts = [usage(path, pieces, width), "\n"]
    index = 0
    while index < len(rows):
        tag, first, words = rows[index]
        if tag == "text":
            paragraphs = ["\n".join(_fill(paragraph.split(PIECE), width, "  ", "  ")) for paragraph in words.split(PARAGRAPH)]
            parts.append("\n" + "\n\n".join(paragraphs) + "\n")
            index += 1
            continue
        parts.append("\n" + first + ":\n")
        end = index + 1
        while end < len(rows) and rows[end][0] == "row":
            end += 1
        _definitions(parts, rows[index + 1 : end], width)
        index = end
    return "".join(parts)


def _definitions(parts: list[str], rows: Page, width: int) -> None:
    widest = 0
    for _, first, _ in rows:
        widest = max(widest, len(first))
    column = min(widest, _FIRST_COLUMN_LIMIT) + _SPACING
    text_width = max(width - column - 2, 10)
    hanging = " " * (column + 2)
    for _, first, words in rows:
        parts.append("  " + first)
        if not words:
            parts.append("\n")
            continue
        if len(first) <= column - _SPACING:
            parts.append(" " * (column - len(first)))
        else:
            parts.append("\n" + hanging)
        lines: list[str] = []
        for paragraph in words.split(PARAGRAPH):
            if lines:
                lines.append("")
            lines.extend(_fill(paragraph.split(PIECE), text_width, "", ""))
        parts.append(lines[0] + "\n")
        parts += [hanging + line + "\n" for line in lines[1:]]


def _fill(words: list[str], width: int, initial: str, subsequent: str) -> list[str]:
    """Greedy lines out of word pieces: blanks at line ends vanish, and a piece too long for a line is cut."""
    waiting = words[::-1]
    lines: list[str] = []
    while waiting:
        indent = subsequent if lines else initial
        room = width - len(indent)
        if lines and not waiting[-1].strip():
            waiting.pop()
        line: list[str] = []
        used = 0
        while waiting and used + len(waiting[-1]) <= room:
            used += len(waiting[-1])
            line.append(waiting.pop())
        if waiting and len(waiting[-1]) > room:
            space = max(room - used, 1)
            line.append(waiting[-1][:space])
            waiting[-1] = waiting[-1][space:]
        if line and not line[-1].strip():
            line.pop()
        if line:
            lines.append(indent + "".join(line))
    return lines
