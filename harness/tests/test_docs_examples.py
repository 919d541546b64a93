"""What the documentation tells readers to type is typed here, or held against what there is; what it points to is there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import typer

from harness.cli import COMMANDS, app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
WRITTEN = [page for page in PAGES if page.parent.name != "reference"]
"""Pages that people write; those below docs/reference are generated."""
WRITTEN_NAMES = [str(page.relative_to(ROOT)) for page in WRITTEN]
HISTORY = {"CHANGELOG.md"}
"""Tells of what was, which need not be there any more."""
MADE = (".cache", ".ci/", ".harness", ".venv", "dist", "reports/latest")
"""What is not committed."""
FOLDERS = ("cli", "docs", "harness", "omnirelay", "reports", "scenarios", "snapshots", *MADE)

OTHERS = {"--junitxml"}
"""Spellings that no help names."""


def first_scenario() -> str:
    page = (ROOT / "docs" / "contributors.md").read_text(encoding="utf-8")
    found = re.search(r"^   ```toml\n(.*?)^   ```", page, re.MULTILINE | re.DOTALL)
    assert found, "docs/contributors.md no longer shows a first scenario"
    return textwrap.dedent(found[1])


def test_the_first_scenario_passes_on_a_published_artifact(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios" / "integration" / "peers"
    folder.mkdir(parents=True)
    (folder / "my-first.toml").write_text(first_scenario(), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", "--artifact=jit-linux-x64"]
    places = [f"--scenarios={tmp_path / 'scenarios'}", f"--artifacts={ROOT / 'dist' / 'artifacts.json'}"]
    done = subprocess.run([*command, *places], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "jit-linux-x64  1 passed" in done.stdout


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without its code."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^ *```.*?^ *```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL))


def anchors(page: Path) -> set[str]:
    """How headings are pointed to: small letters, no signs, dashes for blanks."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> Iterator[list[str]]:
    """What a page shows as a command line: in code of its own, without prompt, comment, and what a shell makes of the output."""
    text = text_of(page)
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL))
    for line in [*(line for block in blocks for line in block.splitlines()), *inline]:
        words = re.split(r" [|&>]|\s#|[<…]", line.strip().removeprefix("$ "))[0].replace("\\", "")
        try:
            yield shlex.split(words)
        except ValueError:  # prose with an apostrophe
            continue


def lines_of(page: Path, program: str) -> list[list[str]]:
    """The arguments of every call of a program."""
    return [words[1:] for words in commands(page) if words and re.fullmatch(rf"((\.venv/bin|dist/[\w-]+)/)?{program}", words[0])]


def long_options(words: list[str]) -> set[str]:
    before = words[: words.index("--")] if "--" in words else words
    return {found[1] for word in before if (found := re.match(r"(--[a-z][a-z-]*)", word))}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", WRITTEN, ids=WRITTEN_NAMES)
def test_every_path_that_is_named_is_there(page: Path) -> None:
    if page.name in HISTORY:
        return
    for name in re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?)`", text_of(page)):
        if name.startswith(tuple(f"{folder.rstrip('/')}/" for folder in FOLDERS)) and not name.startswith(MADE):
            assert any((place / name).exists() for place in (ROOT, ROOT / "cli")) or "my-first" in name, name


def test_every_package_has_its_line_for_contributors() -> None:
    told = re.findall(r"^```\n(cli/.*?)^```", text_of(ROOT / "docs" / "contributors.md"), re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"\b((?:cli|harness)/\w+)(?: |$)", told[0], re.MULTILINE))
    there = {f"{top}/{path.name}" for top in ("cli", "harness") for path in (ROOT / top).iterdir() if path.is_dir() and path.name[0].isalpha()}
    assert named == there - {"cli/tests", "harness/tests"}


@pytest.mark.parametrize("page", WRITTEN, ids=WRITTEN_NAMES)
def test_every_target_of_make_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {words[0] for words in lines_of(page, "make") if words}
    assert named <= targets


@pytest.mark.parametrize("page", WRITTEN, ids=WRITTEN_NAMES)
def test_every_command_of_the_suite_exists_with_its_options(page: Path) -> None:
    known = suite()
    for words in lines_of(page, "conformance"):
        if not words or words[0] == "--help":
            continue
        for name in words[0].split("|"):
            assert name in known, words
            given = long_options(words) - {option for item in known[name].params for option in item.opts} - {"--help"}
            assert not given or name == "run", words


@pytest.mark.parametrize("page", WRITTEN, ids=WRITTEN_NAMES)
def test_every_option_for_pytest_exists(page: Path) -> None:
    for words in [*lines_of(page, "pytest"), *([words[1:] for words in lines_of(page, "conformance") if words[:1] == ["run"]])]:
        for option in long_options(words):
            assert re.search(rf"^ +(?:-\w, )?{option}\b|, {option}\b", pytest_help(), re.MULTILINE), words


@pytest.mark.parametrize("page", WRITTEN, ids=WRITTEN_NAMES)
def test_every_verb_of_the_product_exists_with_its_options(page: Path) -> None:
    known = verbs()
    for words in lines_of(page, "omnirelay"):
        name = "omnirelay"
        for word in words:
            if f"{name} {word}" not in known:
                break
            name = f"{name} {word}"
        given = long_options(words) - known[name]
        assert not given, (name, words)
        assert name != "omnirelay" or not words or words[0].startswith("-"), words


@pytest.mark.parametrize("page", WRITTEN, ids=WRITTEN_NAMES)
def test_every_option_that_is_named_alone_is_one_of_somebody(page: Path) -> None:
    if page.name in HISTORY:
        return
    suites = {option for command in suite().values() for parameter in command.params for option in parameter.opts}
    known = suites | {option for options in verbs().values() for option in options} | set(re.findall(r"--[a-z][a-z-]*", pytest_help())) | OTHERS
    for option in re.findall(r"`(--[a-z][a-z-]*)[^`\n]*`", text_of(page)):
        assert option in known, option


@cache
def suite() -> dict[str, click.Command]:
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group)
    return group.commands


@cache
def pytest_help() -> str:
    done = subprocess.run([sys.executable, "-m", "pytest", "--help"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return done.stdout


@cache
def verbs() -> dict[str, set[str]]:
    """The long options of every verb and group, those of the program included."""
    document = json.loads((ROOT / "docs" / "reference" / "omnirelay.json").read_text(encoding="utf-8"))
    return {item["path"]: {name for parameter in item["parameters"] for name in parameter["names"] if name.startswith("--")} for item in document["commands"]}


@pytest.mark.parametrize(("name", "example"), [(name, example) for name, _, example in COMMANDS])
def test_the_example_of_a_command_is_understood(name: str, example: str) -> None:
    words = shlex.split(example)
    assert words[:2] == ["conformance", name]
    suite()[name].make_context(name, words[2:])
    assert suite()[name].get_short_help_str(58).endswith("."), "cut off in the list of commands"


def test_make_help_tells_of_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", text, re.MULTILINE)
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    told = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    assert sorted(phony.split()) == sorted(targets)
    assert [line.split()[1] for line in told.splitlines()] == targets
    assert all(len(line) <= 120 for line in told.splitlines())


def test_the_tour_of_the_readme_shows_what_is_printed() -> None:
    tour = text_of(ROOT / "README.md").partition("## Sixty seconds\n\n```\n")[2].partition("```")[0]
    shown = {words.rstrip(" &"): answer for words, _, answer in (part.partition("\n") for part in tour.split("$ ")[1:])}
    serve = next(words for words in shown if " control-plane " in words)
    server = subprocess.Popen(
        [sys.executable, "-m", "harness.cli", *shlex.split(serve)[1:], "--port", "0"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["url"]
        for words in (words for words in shown if words.startswith("dist/")):
            where = ["--url", address] if " mesh " in words else []
            done = subprocess.run([*shlex.split(words), *where], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
            assert done.stdout.strip() == shown[words].strip()
    finally:
        server.terminate()
        server.communicate()
