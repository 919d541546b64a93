"""The generator: what is committed is what it writes, and what it cannot prove it refuses with file, line and a way out."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from cli.declaration.marks import names_of, offers, prints, verb
from cli.declaration.options import NONE_GIVEN, group
from cli.generator import emit_c, emitters
from cli.generator import writing as generator
from cli.generator.model import BuildError
from cli.generator.reading import read_application
from cli.generator.shells import places
from omnirelay._generated import registry, verbs

WORK = "omnirelay.commands.peers_list:run"


def test_what_is_committed_is_what_is_generated() -> None:
    for folder, files in generator.generate().items():
        assert generator.differences(files, generator.ROOT / folder, emitters.OWNED[folder]) == []


def test_a_difference_is_named(tmp_path: Path) -> None:
    files = {"a.py": "1\n", "b.py": "2\n"}
    (tmp_path / "a.py").write_text("other\n")
    (tmp_path / "c.py").write_text("")
    (tmp_path / "mine.txt").write_text("")
    assert generator.differences(files, tmp_path, ("*.py",)) == [
        f"{tmp_path}/a.py: differs from what the generator writes",
        f"{tmp_path}/b.py: is missing",
        f"{tmp_path}/c.py: is not generated any more; delete it",
    ]


def test_writing_leaves_what_is_not_generated(tmp_path: Path) -> None:
    (tmp_path / "c.py").write_text("")
    (tmp_path / "mine.txt").write_text("")
    generator.write({"a.py": "1\n"}, tmp_path, ("*.py",))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "mine.txt"]
    assert generator.differences({"a.py": "1\n"}, tmp_path, ("*.py",)) == []


def test_command_functions_take_exactly_the_values_of_their_verbs() -> None:
    for command in read_application().commands:
        if command.work is None:
            continue
        module, _, name = command.work.function.partition(":")
        function = getattr(importlib.import_module(module), name)
        look_up = registry.front_command if command.work.gear == "front" else verbs.command
        assert look_up(command.path) is function
        assert registry.gear(command.path) == command.work.gear
        names = list(inspect.signature(function).parameters)
        assert names == ["session", *(option.name for option in command.options if option.kind != "action")], command.path
        assert inspect.signature(function).return_annotation == "int"


def test_the_parser_hash_follows_the_model() -> None:
    assert read_application().digest() == verbs.PARSER_HASH
    assert read_application(tree(plain)).digest() != verbs.PARSER_HASH


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


def integer_default(limit: Annotated[int, typer.Option("--limit", help="How many.")] = 3) -> None:
    """Do it."""


def integer_range(limit: Annotated[int | None, typer.Option("--limit", help="How many.", min=1)] = None) -> None:
    """Do it."""


def counted(limit: Annotated[int, typer.Option("--limit", "-l", help="How many.", count=True)] = 0) -> None:
    """Do it."""


def fraction(limit: Annotated[float | None, typer.Option("--limit", help="How much.")] = None) -> None:
    """Do it."""


def integers(limits: Annotated[list[int], typer.Option("--limit", help="How many.")] = NONE_GIVEN) -> None:  # type: ignore[assignment]  # it is empty
    """Do it."""


def pair(names: Annotated[tuple[str, str] | None, typer.Option("--name", help="Names.")] = None) -> None:
    """Do it."""


def own_completion(url: Annotated[str, typer.Option("--url", help="Where.", autocompletion=lambda: ["x"])] = "x") -> None:
    """Do it."""


def completed_choice(mode: Annotated[Mode, typer.Option("--mode", help="How.", case_sensitive=False, autocompletion=offers("fast"))] = Mode.FAST) -> None:
    """Do it."""


def completed_words(names: Annotated[list[str] | None, typer.Argument(help="Names.", autocompletion=names_of("peers"))] = None) -> None:
    """Do it."""


def argument(name: str) -> None:
    """Do it."""


def two_words(name: Annotated[tuple[str, str], typer.Argument(help="Names.")]) -> None:
    """Do it."""


def numbers(limits: Annotated[list[int] | None, typer.Argument(help="Limits.")] = None) -> None:
    """Do it."""


def words_needed(names: Annotated[list[str], typer.Argument(help="Names.")]) -> None:
    """Do it."""


def words_with_default(names: Annotated[list[str] | None, typer.Argument(help="Names.")] = ["a"]) -> None:  # noqa: B006  # Typer copies it
    """Do it."""


def words_renamed(names: Annotated[list[str] | None, typer.Argument(help="Names.", metavar="NAME")] = None) -> None:
    """Do it."""


def words_from_environment(names: Annotated[list[str] | None, typer.Argument(help="Names.", envvar="NAMES")] = None) -> None:
    """Do it."""


def words_without_help(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Do it."""


Names = Annotated[list[str] | None, typer.Argument(help="Names.")]


def words_twice(names: Names = None, more: Names = None) -> None:
    """Do it."""


def words_hidden(names: Annotated[list[str] | None, typer.Argument(help="Names.", hidden=True)] = None) -> None:
    """Do it."""


def words_checked(names: Annotated[list[str] | None, typer.Argument(help="Names.", callback=lambda value: value)] = None) -> None:
    """Do it."""


class Foreign(enum.Enum):
    ONE = "één"
    TWO = "twee"


def beyond_ascii(mode: Annotated[Foreign, typer.Option("--mode", help="How.", case_sensitive=False)] = Foreign.ONE) -> None:
    """Do it."""


def odd_metavar(mode: Annotated[Mode, typer.Option("--mode", help="How.", case_sensitive=False, metavar="[fast|wild]")] = Mode.FAST) -> None:
    """Do it."""


def several(names: Annotated[list[str] | None, typer.Option("--name", help="Names.")] = None) -> None:
    """Do it."""


def several_given(names: Annotated[list[str], typer.Option("--name", help="Names.")] = ["a"]) -> None:  # noqa: B006  # Typer copies it
    """Do it."""


def several_choices(modes: Annotated[list[Mode] | None, typer.Option("--mode", help="How.", case_sensitive=False)] = None) -> None:
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


def late(act: Annotated[bool, typer.Option("--act", help="Act.", callback=prints("version"))] = False) -> None:
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
        (integer_default, "parameter 'limit': the generator cannot prove the default 3 of an integer; use None"),
        (integer_range, "cannot prove the type <IntRange x>=1>; use a text, an integer, a choice"), (counted, "cannot prove count"),
        (fraction, "cannot prove the type FLOAT"), (integers, "cannot prove repeated values that are no texts"), (pair, "cannot prove the type"),
        (own_completion, "cannot prove a completion of its own; use autocompletion=marks.names_of(...) or marks.offers(...)"),
        (completed_choice, "cannot prove other candidates than the choices; drop autocompletion="),
        (completed_words, "cannot prove candidates of completion"),
        (several_given, "cannot prove the default ('a',) of a repeated option; use options.NONE_GIVEN"),
        (several_choices, "cannot prove repeated values that are no texts"),
        (argument, "cannot prove a positional argument that takes one word; use one `list[str] | None = None`"),
        (several, "cannot prove the default None of a repeated option; use options.NONE_GIVEN"),
        (dynamic, "cannot prove a dynamic default"), (needed, "cannot prove required"),
        (environment, "cannot prove an environment variable"), (asked, "cannot prove a prompt"), (opposite, "cannot prove a flag with an opposite"),
        (on, "cannot prove a flag whose default is True"), (minding_case, "cannot prove a choice that minds the case"),
        (called_back, "cannot prove an action that is not an eager flag"), (secret, "cannot prove hidden"), (odd, "cannot prove an option that does not start"),
        (late, "cannot prove an action that is not an eager flag"), (unwrapped, "cannot prove an unwrapped block"),
        (indented, "cannot prove an indented paragraph"), (two_words, "cannot prove a positional argument that takes a fixed number"),
        (numbers, "cannot prove the type INT"), (words_needed, "cannot prove required"), (words_with_default, "cannot prove the default ['a']"),
        (words_renamed, "cannot prove a metavar"), (words_from_environment, "cannot prove an environment variable"),
        (words_without_help, "cannot prove help that is missing"), (words_twice, "cannot prove a second positional argument"),
        (words_hidden, "cannot prove hidden"), (words_checked, "cannot prove a callback"), (beyond_ascii, "cannot prove a choice with letters beyond ASCII"),
        (odd_metavar, "cannot prove the metavar '[fast|wild]' of a choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_proven_is_refused_with_its_place(function: Callable[..., None], what: str) -> None:
    message = refused(tree(function))
    first = inspect.getsourcelines(function)[1]
    assert message.startswith(f"{__file__}:{first}: command 'do'"), message
    assert what in message and "; " in message, message


def valued(
    limit: Annotated[int | None, typer.Option("--limit", help="How many.")] = None,
    name: Annotated[list[str], typer.Option("--name", help="Names.", autocompletion=names_of("nodes"))] = NONE_GIVEN,
    state: Annotated[str | None, typer.Option("--state", help="State.", autocompletion=offers("on", "off"))] = None,
) -> None:
    """Do it."""


def test_integers_repeated_options_and_candidates_are_in_the_model() -> None:
    (limit, name, state, _) = read_application(tree(valued)).commands[-1].options
    assert (limit.type, limit.repeated, limit.default, limit.metavar, limit.rule) == ("integer", False, None, "INTEGER", "integer")
    assert (name.type, name.repeated, name.default, name.completes, name.rule) == ("text", True, None, "nodes", "repeated")
    assert (state.choices, state.offered, state.completes, state.rule) == ((), ("on", "off"), "", "value")


def test_candidates_are_what_a_shell_of_typer_would_offer() -> None:
    assert offers("Active", "Paused")("A") == ["Active"]
    assert names_of("peers")("") == []
    with pytest.raises(ValueError, match="there are no names of 'leaders'; use one of peers, nodes, namespaces, shards"):
        names_of("leaders")  # type: ignore[arg-type]


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


def test_a_positional_argument_of_a_group_is_refused() -> None:
    app = tree(plain)

    @app.callback()
    def root(names: Annotated[list[str] | None, typer.Argument(help="Names.")] = None) -> None:
        """Top."""

    assert "cannot prove a positional argument of a group" in refused(app)


def test_a_group_without_a_function_is_refused_with_its_place() -> None:
    app = group("Words that go on and on until no terminal can hold them in one short line.")
    app.command("do", short_help="Do it.")(verb(WORK)(plain))
    outer = group("Top.")
    outer.add_typer(app, name="inner")
    message = refused(outer)
    assert message.startswith(f"{__file__}:") and "cannot prove a short help that depends on the width" in message


def test_a_short_help_that_depends_on_the_width_is_refused() -> None:
    app = group("Top.")

    @app.callback()
    def root() -> None:
        """Top."""

    app.command("do", help="Words that go on and on until no terminal can hold them in one short line.")(verb(WORK)(plain))
    assert "cannot prove a short help that depends on the width; pass a shorter short_help=" in refused(app)


def test_a_name_that_two_parameters_have_is_refused() -> None:
    def double(url: Annotated[str, typer.Option("--url", help="A.")] = "x", other: Annotated[str, typer.Option("--url", help="B.")] = "x") -> None:
        """Do it."""

    message = refused(tree(double))
    assert message.startswith(f"{__file__}:") and "cannot prove two parameters called --url; rename one" in message


def test_what_an_emitter_refuses_is_named_with_its_place() -> None:
    def accented(url: Annotated[str, typer.Option("--url", help="Où.")] = "x") -> None:
        """Do it."""

    with pytest.raises(BuildError, match=r"'Où\.' cannot stand in a completion script") as caught:
        places(read_application(tree(accented)))
    assert str(caught.value).startswith(f"{__file__}:")
    app = group("Top.")

    @app.callback()
    def root() -> None:
        """Top."""

    app.command("do", short_help="Do it.")(verb(WORK, gear="front")(plain))
    with pytest.raises(BuildError, match="a verb of the gear front can have no parameters") as caught:
        emit_c.emit(read_application(app))
    assert str(caught.value).startswith(f"{__file__}:")


def test_the_place_of_a_declaration_is_no_part_of_the_parser_hash() -> None:
    found = read_application(tree(plain))
    moved = dataclasses.replace(found, commands=tuple(dataclasses.replace(command, place="elsewhere:1") for command in found.commands))
    assert moved == found and moved.digest() == found.digest()
