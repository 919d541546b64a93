"""A traceback in plain text, for OMNIRELAY_DEBUG=1: made by hand, because the core stage has no traceback module."""

from __future__ import annotations

_MOST_FRAMES = 60


def trace(problem: BaseException) -> str:
    """The frames from the outermost to the one that raised, then the exception."""
    lines = ["Traceback (most recent call last):\n"]
    step = problem.__traceback__
    while step is not None and len(lines) <= _MOST_FRAMES:
        code = step.tb_frame.f_code
        lines.append(f'  File "{code.co_filename}", line {step.tb_lineno}, in {code.co_name}\n')
        step = step.tb_next
    lines.append(f"{type(problem).__name__}: {problem}\n")
    return "".join(lines)
