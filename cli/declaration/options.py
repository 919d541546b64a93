"""Options that several verbs share, with one wording each."""

from __future__ import annotations

import enum
import sys
from typing import Annotated, Any, Final

import typer

from cli.declaration.marks import names_of


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


Namespace = Annotated[str | None, typer.Option("--namespace", autocompletion=names_of("namespaces"), help="Only shards of this namespace.")]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
NONE_GIVEN: Final[list[str]] = []
"""The default of an option that may be given any number of times."""


class Settings(dict[str, Any]):
    """The context settings of a group, with the place where it was declared: a group without a function has no other."""

    def __init__(self, place: str, **settings: Any) -> None:
        super().__init__(settings)
        self.place = place


def group(summary: str) -> typer.Typer:
    """A group of verbs: plain texts, no completion of Typer's own, help when named alone."""
    caller = sys._getframe(1)
    place = f"{caller.f_code.co_filename}:{caller.f_lineno}"
    return typer.Typer(
        help=summary,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=Settings(place, help_option_names=["--help", "-h"]),
    )
