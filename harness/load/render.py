"""A diagnostic as text: place, code and message, the line of the file, a caret under the place, and the way out."""

from __future__ import annotations

from harness.model.position import Diagnostic

_WIDTH = 140


def render(diagnostic: Diagnostic) -> str:
    """Place, line and caret with the way out beside it, without a line end; then how the reader came there."""
    position = diagnostic.position
    lines = [f"{position}  {diagnostic.code}  {diagnostic.message}"]
    number = f"{position.line:>5}"
    if diagnostic.source_line.strip():
        start = max(0, position.column - 1 - _WIDTH // 2) if len(diagnostic.source_line) > _WIDTH else 0
        shown = "".join(char if char.isprintable() else " " for char in diagnostic.source_line[start : start + _WIDTH])
        lines.append(f"{number} | {shown}")
        column = position.column - 1 - start
        caret = " " * column + "^" * max(1, min(position.length, len(shown) - column))
        hint = f"  {diagnostic.hint}" if diagnostic.hint else ""
        if len(caret) + len(hint) > _WIDTH and hint:
            lines += [f"      | {caret}", f"      | {diagnostic.hint}"]
        else:
            lines.append(f"      | {caret}{hint}")
    elif diagnostic.hint:
        lines.append(f"      | {diagnostic.hint}")
    lines.extend(f"      | {step}" for step in diagnostic.trail)
    return "\n".join(lines)


def render_all(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> str:
    return "\n".join(render(item) for item in diagnostics)


def counted(amount: int, noun: str) -> str:
    """``1 file``, ``3 files``."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"
