"""The generator: what is committed is what it writes, and what it cannot prove it refuses with file, line and a way out."""

from __future__ import annotations

import enum
import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from cli.declaration.marks import prints, verb
from cli.declaration.options import group
from cli.generator import __main__ as generator
from cli.generator.model import BuildError
from cli.generator.reading import read_application
from omnirelay._generated import registry

WORK = "omnirelay.commands.peers_list:run"


def test_what_is_committed_is_what_is_generated() -> None:
    assert generator.differences(generator.generate(), generator.TARGET) == []


def test_a_difference_is_named(tmp_path: Path) -> None:
    files = {"a.py": "1\n", "b.py": "2\n"}
    (tmp_path / "a.py").write_text("other\n")
    (tmp_path / "c.py").write_text("")
    assert generator.differences(files, tmp_path) == [
        f"{tmp_path}/a.py: differs from what the generator writes",
        f"{tmp_path}/b.py: is missing",
        f"{tmp_path}/c.py: is not generated any more; delete it",
    ]


def test_command_functions_take_exactly_the_values_of_their_verbs() -> None:
    for command in read_application().commands:
        if command.work is None:
            continue
        module, _, name = command.work.function.partition(":")
        function = getattr(importlib.import_module(module), name)
        assert registry.command(command.path) is function
        names = list(inspect.signature(function).parameters)
        assert names == ["session", *(option.name for option in command.options if option.kind != "action")], command.path
        assert inspect.signature(function).return_annotation == "int"


def test_the_parser_hash_follows_the_model() -> None:
    assert read_application().digest() == registry.PARSER_HASH
    assert read_application(tree(plain)).digest() != registry.PARSER_HASH


class Mode(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


def plain(url: Annotated[str, typer.Option("--url", help="Where.")] = "x") -> None:
    """Do it."""


def tree(function: Callable[..., None], **settings: Any) -> typer.Typer:
    """An application with one verb in one group."""
    app = group("Top.")

    @app.callback()
    def root() -> None:
        """Top."""

    app.command("do", short_help="Do it.", **settings)(verb(WORK)(function))
    return app


def refused(app: typer.Typer) -> str:
    with pytest.raises(BuildError) as caught:
        read_application(app)
    return str(caught.value)


def integer(limit: Annotated[int, typer.Option("--limit", help="How many.")] = 3) -> None:
    """Do it."""


def argument(name: str) -> None:
    """Do it."""


def several(names: Annotated[list[str] | None, typer.Option("--name", help="Names.")] = None) -> None:
    """Do it."""


def dynamic(url: Annotated[str, typer.Option("--url", help="Where.", default_factory=lambda: "x")]) -> None:
    """Do it."""


def needed(url: Annotated[str, typer.Option("--url", help="Where.")]) -> None:
    """Do it."""


def environment(url: Annotated[str, typer.Option("--url", help="Where.", envvar="URL")] = "x") -> None:
    """Do it."""


def asked(url: Annotated[str, typer.Option("--url", help="Where.", prompt=True)] = "x") -> None:
    """Do it."""


def opposite(fast: Annotated[bool, typer.Option("--fast/--slow", help="How.")] = False) -> None:
    """Do it."""


def on(fast: Annotated[bool, typer.Option("--fast", help="How.")] = True) -> None:
    """Do it."""


def minding_case(mode: Annotated[Mode, typer.Option("--mode", help="How.")] = Mode.FAST) -> None:
    """Do it."""


def called_back(url: Annotated[str, typer.Option("--url", help="Where.", callback=lambda value: value)] = "x") -> None:
    """Do it."""


def secret(url: Annotated[str, typer.Option("--url", help="Where.", hidden=True)] = "x") -> None:
    """Do it."""


def odd(url: Annotated[str, typer.Option("+url", help="Where.")] = "x") -> None:
    """Do it."""


def late(act: Annotated[bool, typer.Option("--act", help="Act.", callback=prints("act"))] = False) -> None:
    """Do it."""


def unwrapped(url: Annotated[str, typer.Option("--url", help="Where.")] = "x") -> None:
    """Do it.

    \b
    As it stands.
    """


def indented(url: Annotated[str, typer.Option("--url", help="Where.")] = "x") -> None:
    """Do it.

      Deeper.

    Back.
    """


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (integer, "parameter 'limit': the generator cannot prove the type INT"), (argument, "cannot prove a positional argument"),
        (several, "cannot prove several values"), (dynamic, "cannot prove a dynamic default"), (needed, "cannot prove required"),
        (environment, "cannot prove an environment variable"), (asked, "cannot prove a prompt"), (opposite, "cannot prove a flag with an opposite"),
        (on, "cannot prove a flag whose default is True"), (minding_case, "cannot prove a choice that minds the case"),
        (called_back, "cannot prove an action that is not an eager flag"), (secret, "cannot prove hidden"), (odd, "cannot prove an option that does not start"),
        (late, "cannot prove an action that is not an eager flag"), (unwrapped, "cannot prove an unwrapped block"),
        (indented, "cannot prove an indented paragraph"),
    ],
)  # fmt: skip
def test_what_cannot_be_proven_is_refused_with_its_place(function: Callable[..., None], what: str) -> None:
    message = refused(tree(function))
    first = inspect.getsourcelines(function)[1]
    assert message.startswith(f"{__file__}:{first}: command 'do'"), message
    assert what in message and "; " in message, message


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"hidden": True}, "hidden"), ({"deprecated": True}, "deprecated"), ({"epilog": "x"}, "an epilog"),
        ({"no_args_is_help": True}, "no_args_is_help changed"),
        ({"context_settings": {"ignore_unknown_options": True}}, "ignore_unknown_options"),
        ({"context_settings": {"allow_extra_args": True}}, "allow_extra_args"),
        ({"context_settings": {"auto_envvar_prefix": "X"}}, "auto_envvar_prefix"), ({"add_help_option": False}, "no help option"),
        ({"context_settings": {"token_normalize_func": str.lower}}, "token_normalize_func"), ({"name": "x" * 65}, "the name"),
    ],
)  # fmt: skip
def test_settings_of_commands_are_refused(settings: dict[str, Any], what: str) -> None:
    app = group("Top.")

    @app.callback()
    def root() -> None:
        """Top."""

    app.command(**{"name": "do", "short_help": "Do it.", **settings})(verb(WORK)(plain))
    assert f"cannot prove {what}" in refused(app)


def test_a_function_without_a_mark_is_refused() -> None:
    app = group("Top.")

    @app.callback()
    def root() -> None:
        """Top."""

    app.command("do")(plain)
    assert "cannot prove a function without a mark; add @verb" in refused(app)


def test_a_group_with_options_of_its_own_is_refused() -> None:
    app = tree(plain)

    @app.callback()
    def root(url: Annotated[str, typer.Option("--url", help="Where.")] = "x") -> None:
        """Top."""

    assert "cannot prove an option of a group that is not an action" in refused(app)


def test_a_short_help_that_depends_on_the_width_is_refused() -> None:
    app = group("Top.")

    @app.callback()
    def root() -> None:
        """Top."""

    app.command("do", help="Words that go on and on until no terminal can hold them in one short line.")(verb(WORK)(plain))
    assert "cannot prove a short help that depends on the width; pass a shorter short_help=" in refused(app)
