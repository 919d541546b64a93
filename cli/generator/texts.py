"""Which characters the texts of a model may hold: those that help pages, C tables, scripts of shells, manual pages, Markdown and JSON all print as they are."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cli.generator.model import Command, Option
from cli.generator.refusing import refusal


def check(command: click.Command, parameters: list[click.Parameter], model: Command) -> None:
    """Refuses a text that cannot be printed everywhere; `parameters` are those of which the model has the options."""
    for parameter, option in zip(parameters, model.options, strict=True):
        for what, text in _of_option(option):
            _check(command, parameter, what, text)
    for text in (model.summary, *model.usage, *(piece for row in model.page for words in (row.first, *row.paragraphs) for piece in words)):
        _check(command, None, "help", text)


def _of_option(option: Option) -> Iterator[tuple[str, str]]:
    yield "help", option.help
    yield "metavar", option.metavar
    if isinstance(option.default, str):
        yield "default", option.default
    for choice in option.choices:
        yield "choices", choice


def _check(command: click.Command, parameter: click.Parameter | None, what: str, text: str) -> None:
    for char in text:
        if not char.isprintable():
            raise refusal(command, parameter, f"the character U+{ord(char):04X} in the {what}", "drop it, or say it in words")
