"""Text that stands in Markdown as it is: apart from the report, because every test run imports it and the report brings its figures along."""

from __future__ import annotations

ESCAPED = str.maketrans({"\\": "\\\\", "|": "\\|", "<": "&lt;", ">": "&gt;", "`": "\\`", "*": "\\*", "_": "\\_", "\n": " ", "\r": " "})


def escaped(text: str) -> str:
    """The text with everything that Markdown or HTML would act on made harmless."""
    # Brackets alone are only brackets; what would make a link or a picture of them is the parenthesis.
    return text.replace("&", "&amp;").translate(ESCAPED).replace("](", "]\\(")
