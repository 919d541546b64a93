"""Text that is safe to show: what a reader could not see, or what a file format cannot hold, as an escape."""

from __future__ import annotations

import re

# Everything that XML 1.0 cannot hold (control characters, lone surrogates, two noncharacters), the delete character and the C1 controls,
# and the marks that turn the direction of text around.
HIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def visible(text: str) -> str:
    """The text with such characters written as ``\\x1b`` or ``\\u202e``; line ends and tabs stay."""
    return HIDDEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
