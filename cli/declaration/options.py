"""Options that several verbs share, with one wording each."""

from __future__ import annotations

import enum
from typing import Annotated

import typer


class TextOrJson(enum.Enum):
    """Formats of verbs that print text."""

    TEXT = "text"
    JSON = "json"


class TableOrJson(enum.Enum):
    """Formats of verbs that print a table; the numbers are accepted for old scripts."""

    TABLE = "table"
    JSON = "json"
    ZERO = "0"
    ONE = "1"


Url = Annotated[str, typer.Option("--url", "-u", help="Control plane to talk to.")]
Timeout = Annotated[str, typer.Option("--timeout", help="Time limit for the whole call, such as 5s or 1m.")]
TextFormat = Annotated[TextOrJson, typer.Option("--format", case_sensitive=False, help="How to print the answer.")]
TableFormat = Annotated[
    TableOrJson,
    typer.Option("--format", case_sensitive=False, metavar="[table|json]", help="How to print the answer."),
]


def group(summary: str) -> typer.Typer:
    """A group of verbs: plain texts, no completion of Typer's own, help when named alone."""
    return typer.Typer(
        help=summary,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
