"""A Windows program ends its lines with CR LF; elsewhere a CR is an output like any other."""

from __future__ import annotations

import re
from typing import Final

from harness.normalise.subject import Subject

# CR CR LF is a defect on Windows as well (text written twice through a translating stream) and stays as it is.
_LINE_END: Final = re.compile(r"(?<!\r)\r\n")


def apply(text: str, subject: Subject) -> str:
    if not subject.artifact.target.startswith("win-") or "\r\n" not in text:
        return text
    return _LINE_END.sub("\n", text)
