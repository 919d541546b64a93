"""Help pages: taken from Click, cut into word pieces, and proven equal to Click's own layout at every width."""

from __future__ import annotations

import inspect
from typing import Literal

import click
from click._textwrap import TextWrapper  # the wrapper whose cutting of words is reproduced

from cli.generator.model import BuildError, Command, Pieces, Row
from cli.generator.refusing import refusal
from omnirelay.render import help_page

WIDTHS = range(50, 79)


def joined(paragraphs: tuple[Pieces, ...]) -> str:
    """The form in which pages are shipped."""
    return help_page.PARAGRAPH.join(help_page.PIECE.join(pieces) for pieces in paragraphs)


def usage_pieces(command: click.Command, context: click.Context) -> Pieces:
    """The words behind the path in a usage line."""
    return _pieces(command, " ".join(command.collect_usage_pieces(context)))


def page_rows(command: click.Command, context: click.Context) -> tuple[Row, ...]:
    """The page behind its usage line."""
    rows: list[Row] = []
    if command.help:
        rows.append(Row("text", "", _paragraphs(command, inspect.cleandoc(command.help))))
    for section, kind in (("Arguments", "argument"), ("Options", "option")):
        listed = [parameter for parameter in command.get_params(context) if parameter.param_type_name == kind]
        if listed:
            rows.append(Row("section", section, ()))
        for parameter in listed:
            record = parameter.get_help_record(context)
            if record is None:
                raise refusal(command, parameter, "a parameter without help", "pass help=")
            rows.append(Row("row", record[0], _paragraphs(command, record[1])))
    if isinstance(command, click.Group):
        rows.append(Row("section", "Commands", ()))
        names = command.list_commands(context)
        longest = max(len(name) for name in names)
        texts = [(name, _short_help(command.commands[name], longest)) for name in names]
        rows += [Row("row", name, _paragraphs(command, text)) for name, text in texts]
    return tuple(rows)


def summary(command: click.Command) -> str:
    """What a command does in one line, uncut."""
    text = (command.short_help or command.help or "").strip()
    return " ".join(text.split("\n\n")[0].split())


def _short_help(command: click.Command, longest: int) -> str:
    texts = {command.get_short_help_str(width - 6 - longest) for width in WIDTHS}
    if len(texts) != 1:
        raise refusal(command, None, "a short help that depends on the width", "pass a shorter short_help= (or help=)")
    return texts.pop()


def _paragraphs(command: click.Command, text: str) -> tuple[Pieces, ...]:
    for sign, name in (("\b", "an unwrapped block"), ("\f", "a form feed"), ("\x1b", "a colour code")):
        if sign in text:
            raise refusal(command, None, f"{name} in a help text", "drop it")
    blocks = [block for block in "\n".join(text.expandtabs().splitlines()).split("\n\n") if block.strip("\n")]
    found = []
    for block in blocks:
        lines = block.strip("\n").split("\n")
        if lines[0].startswith(" "):
            raise refusal(command, None, "an indented paragraph in a help text", "start it at the margin")
        found.append(_pieces(command, " ".join(lines)))
    return tuple(found)


def _pieces(command: click.Command, text: str) -> Pieces:
    pieces = tuple(TextWrapper(replace_whitespace=False)._split_chunks(text))
    for piece in pieces:
        if help_page.PIECE in piece or help_page.PARAGRAPH in piece:
            raise refusal(command, None, f"a separator of the page format in the text {text!r}", "drop it")
    return pieces


def shipped_rows(command: Command) -> tuple[tuple[str, str, str], ...]:
    """The page as the shipped program holds it."""
    return tuple((row.tag, row.first, joined(row.paragraphs)) for row in command.page)


def prove(command: click.Command, context: click.Context, model: Command) -> None:
    """Compares page and usage line with Click's at every width there is."""
    pieces = help_page.PIECE.join(model.usage)
    for width in WIDTHS:
        context.terminal_width = width
        ours = help_page.page(model.path, pieces, shipped_rows(model), width)
        _same("help page", model, width, command.get_help(context) + "\n", ours)
        _same("usage line", model, width, command.get_usage(context), help_page.usage(model.path, pieces, width))
    context.terminal_width = None


def _same(what: Literal["help page", "usage line"], model: Command, width: int, theirs: str, ours: str) -> None:
    if theirs != ours:
        raise BuildError(f"{model.place}: {model.path}: the {what} differs from Typer's at width {width}:\n--- Typer\n{theirs}\n--- ours\n{ours}")
