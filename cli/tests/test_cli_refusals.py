"""Declarations that Typer takes and no generated parser could follow, and those that Typer itself refuses: each with file, line and a way out."""

from __future__ import annotations

import enum
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer

from cli.declaration.marks import Misdeclared, names_of, prints, verb
from cli.declaration.options import group
from cli.generator import command_functions, emit_python
from cli.generator.model import BuildError
from cli.generator.reading import read_application

WORK = "omnirelay.commands.peers_list:run"
Url = Annotated[str, typer.Option("--url", help="Where.")]


def plain(url: Url = "x") -> None:
    """Do it."""


def tree(*verbs: tuple[str, Callable[..., None]], **settings: Any) -> typer.Typer:
    """An application with these verbs, called by these names."""
    app = group("Top.")

    @app.callback()
    def root() -> None:
        """Top."""

    for name, function in verbs:
        app.command(name, short_help="Do it.", **settings)(verb(WORK)(function))
    return app


def refused(app: typer.Typer) -> str:
    with pytest.raises(BuildError) as caught:
        read_application(app)
    message = str(caught.value)
    place, _, rest = message.partition(": ")
    assert place.startswith(f"{__file__}:") and int(place.rpartition(":")[2]) > 0, message
    assert "; " in rest, message
    return message


def with_context(context: typer.Context, url: Url = "x") -> None:
    """Do it."""


def with_mapping(
    url: Url = "x",
    pairs: Annotated[dict[str, str] | None, typer.Option("--pair", help="Pairs.")] = None,
) -> None:
    """Do it."""


def with_union(url: Annotated[str | int, typer.Option("--url", help="Where.")] = "x") -> None:
    """Do it."""


def declared_twice(url: Annotated[str, typer.Option("--url", help="Where."), typer.Option("--uri", help="Where.")] = "x") -> None:
    """Do it."""


def takes_help(url: Annotated[str, typer.Option("--help", help="Where.")] = "x") -> None:
    """Do it."""


def called_help(help: Annotated[str, typer.Option("--halp", help="Where.")] = "x") -> None:  # noqa: A002  # the name is what is tried
    """Do it."""


def renamed(url: Annotated[str, typer.Option("uri", "--url", help="Where.")] = "x") -> None:
    """Do it."""


def acts(version: Annotated[bool, typer.Option("--version", is_eager=True, callback=prints("version"), help="Print it.")] = False) -> None:
    """Do it."""


def with_body(url: Url = "x") -> None:
    """Do it."""
    print(url)


async def later(url: Url = "x") -> None:
    """Do it."""


def empty_metavar(url: Annotated[str, typer.Option("--url", help="Where.", metavar="")] = "x") -> None:
    """Do it."""


def foreign_metavar(url: Annotated[str, typer.Option("--url", help="Where.", metavar="ÜRL")] = "x") -> None:
    """Do it."""


def broken_metavar(url: Annotated[str, typer.Option("--url", help="Where.", metavar="U\nL")] = "x") -> None:
    """Do it."""


def nul(url: Url = "a\0b") -> None:
    """Do it."""


def half(url: Url = "\ud800") -> None:
    """Do it."""


def nul_in_help(url: Annotated[str, typer.Option("--url", help="a\0b")] = "x") -> None:
    """Do it."""


def half_a_pair() -> None:
    """Do \ud800it."""


class Wide(enum.Enum):
    A = "a\u00a0b"
    B = "b\0"


class Odd(enum.Enum):
    A = "a\0b"
    B = "b"


def odd_choice(mode: Annotated[Odd, typer.Option("--mode", help="How.", case_sensitive=False, metavar="[b]")] = Odd.B) -> None:
    """Do it."""


def foreign_choice(mode: Annotated[Wide, typer.Option("--mode", help="How.", case_sensitive=False)] = Wide.A) -> None:
    """Do it."""


def literal(mode: Annotated[Literal["a", "b"], typer.Option("--mode", help="How.")] = "a") -> None:
    """Do it."""


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (with_context, "omnirelay do, parameter 'context': the generator cannot prove a parameter for Click's context; drop it"),
        (with_mapping, "omnirelay do, parameter 'pairs': the generator cannot prove what Typer does not take (RuntimeError: Type not yet supported"),
        (with_union, "parameter 'url': the generator cannot prove what Typer does not take (AssertionError: Typer Currently doesn't support Union types)"),
        (declared_twice, "cannot prove what Typer does not read (MultipleTyperAnnotationsError"),
        (takes_help, "cannot prove an option called --help; rename it"),
        (called_help, "cannot prove two parameters called help; rename one"),
        (renamed, "parameter 'url': the generator cannot prove what Typer does not take (TypeError: Name 'url' defined twice)"),
        (acts, "cannot prove an action anywhere but at the program itself; declare it there, or make it a verb"),
        (with_body, "cannot prove a function that does something; leave nothing but its docstring"),
        (later, "cannot prove a function that does something; leave nothing but its docstring"),
        (empty_metavar, "cannot prove the metavar ''; use printable ASCII"), (foreign_metavar, "cannot prove the metavar 'ÜRL'; use printable ASCII"),
        (broken_metavar, "cannot prove the character U+000A in the metavar"), (nul, "cannot prove the character U+0000 in the default"),
        (half, "cannot prove the character U+D800 in the default"), (nul_in_help, "cannot prove the character U+0000 in the help"),
        (half_a_pair, "cannot prove the character U+D800 in the help"), (odd_choice, "cannot prove the character U+0000 in the choices"),
        (foreign_choice, "cannot prove a choice with letters beyond ASCII"), (literal, "cannot prove a choice that minds the case"),
        (lambda: None, "cannot prove function in the place of a function with a name; declare it with def"),
    ],
)  # fmt: skip
def test_functions_that_cannot_be_followed_are_refused_with_their_place(function: Callable[..., None], what: str) -> None:
    assert what in refused(tree(("do", function)))


@pytest.mark.parametrize("setting", ["max_content_width", "terminal_width", "color", "resilient_parsing", "show_default", "obj"])
def test_settings_of_the_context_are_refused(setting: str) -> None:
    assert f"cannot prove the context setting {setting!r}" in refused(tree(("do", plain), context_settings={setting: 100}))


def test_two_commands_of_one_name_are_refused() -> None:
    message = refused(tree(("do", plain), ("do", plain)))
    assert f"cannot prove a second command called 'do' (the first: {__file__}:" in message and message.endswith("; rename one")


@pytest.mark.parametrize(("one", "other"), [("a-b", "a.b"), ("a_b", "a-b"), ("act", "Act")])
def test_commands_that_share_the_names_of_files_are_refused(one: str, other: str) -> None:
    assert f"cannot prove 'omnirelay {other}' beside 'omnirelay {one}'" in refused(tree((one, plain), (other, plain)))


def test_a_verb_and_a_group_may_not_spell_the_same() -> None:
    app = tree(("mesh-peers", plain))
    mesh = group("Mesh.")
    mesh.command("peers", short_help="Do it.")(verb(WORK)(plain))
    app.add_typer(mesh, name="mesh")
    assert "cannot prove 'omnirelay mesh peers' beside 'omnirelay mesh-peers'" in refused(app)


def test_the_module_of_a_verb_has_a_name_that_can_be_imported() -> None:
    command = read_application(tree(("v1.2-x", plain))).commands[-1]
    assert emit_python.module_name(command).isidentifier()


def test_trees_that_typer_would_bend_are_refused() -> None:
    alone = group("Top.")
    alone.command("do", short_help="Do it.")(verb(WORK)(plain))
    assert "cannot prove a program of one verb; give it a second verb" in refused(alone)
    hollow = tree(("do", plain))
    hollow.add_typer(group("None."), name="none")
    assert "omnirelay none: the generator cannot prove a group without commands" in refused(hollow)
    nameless = tree(("do", plain))
    inner = group("Inner.")
    inner.command("act", short_help="Do it.")(verb(WORK)(plain))
    nameless.add_typer(inner)
    assert "cannot prove a group without a name; pass name= to add_typer" in refused(nameless)


def test_a_group_that_does_something_is_refused() -> None:
    app = group("Top.")
    seen: list[str] = []

    @app.callback()
    def root() -> None:
        """Top."""
        seen.append("called")

    app.command("do", short_help="Do it.")(verb(WORK)(plain))
    assert "omnirelay: the generator cannot prove a function that does something" in refused(app)


def test_a_group_that_does_not_know_its_place_is_where_its_first_verb_is() -> None:
    app = typer.Typer(help="Top.", rich_markup_mode=None, add_completion=False, no_args_is_help=True)
    for name in ("do", "act"):
        app.command(name, short_help="Do it.")(verb(WORK)(plain))
    assert "cannot prove help options other than --help and -h" in refused(app)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (lambda: verb(WORK, gear="turbo"), "there is no gear 'turbo'; use one of front, core, full"),  # type: ignore[arg-type]
        (lambda: names_of("leaders"), "there are no names of 'leaders'; use one of peers, nodes, namespaces, shards"),  # type: ignore[arg-type]
        (lambda: prints("licence"), "there is no action 'licence'; use one of version, artifact-info"),  # type: ignore[arg-type]
    ],
)
def test_marks_know_their_words_and_where_they_stand(mark: Callable[[], object], message: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        mark()
    place, _, rest = str(caught.value).partition(": ")
    assert rest == message and place.startswith(f"{__file__}:")


@pytest.mark.parametrize(
    ("source", "function", "message"),
    [
        (None, "work:run", "the command function 'work:run' is not there; write it into work.py"),
        ("", "work", "the command function 'work' is not there"),
        ("def walk(session): ...\n", "work:run", "is not there; write def run(session, ...) into work.py"),
        ("def run(session, uri):\n    pass\n", "work:run", "takes (session, uri) and is called with (session, url); bring it in line (work.py:1)"),
        ("def run(session, url):\n    pass\n", "work:run", ""),
    ],
)
def test_command_functions_are_looked_at_before_anything_is_written(tmp_path: Path, source: str | None, function: str, message: str) -> None:
    if source is not None:
        (tmp_path / "work.py").write_text(source)
    app = tree(("other", plain))
    app.registered_commands.clear()
    app.command("do", short_help="Do it.")(verb(function)(plain))
    app.add_typer(_grouped(function), name="more")
    application = read_application(app)
    if not message:
        command_functions.check(application, tmp_path)
        return
    with pytest.raises(BuildError) as caught:
        command_functions.check(application, tmp_path)
    assert str(caught.value).startswith(f"{__file__}:") and message in str(caught.value)


def _grouped(function: str) -> typer.Typer:
    inner = group("Inner.")
    inner.command("act", short_help="Do it.")(verb(function)(plain))
    return inner


def test_the_generator_says_it_in_one_line_and_ends_with_one(tmp_path: Path) -> None:
    """As a contributor meets it: a mark in a declaration that has no such word."""
    root = Path(__file__).resolve().parents[2]
    script = f"""
import sys
sys.path[:0] = [{str(root)!r}, {str(root / "cli")!r}]
from cli.generator import __main__, writing
from cli.declaration.marks import verb
def run(argv):
    verb("omnirelay.commands.peers_list:run", gear="turbo")
writing.run = run
raise SystemExit(__main__.main([]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: <string>:7: there is no gear 'turbo'; use one of front, core, full\n"
