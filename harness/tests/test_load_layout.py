"""The layout of scenario files: one order, one spacing, no comment lost, no meaning changed."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.load.document import Document
from harness.load.layout.files import lay_out
from harness.load.layout.order import STEP
from harness.load.layout.text import formatted
from harness.load.scenarios import is_library, is_scenario
from harness.load.shapes import STEP as STEP_SHAPE

CHECKOUT = Path(__file__).parents[2]
GOOD = Path(__file__).parent / "corpus" / "good"
ROOTS = (GOOD, CHECKOUT / "scenarios")
FILES = sorted(path for root in ROOTS for path in root.rglob("*.toml") if is_scenario(path, root) or is_library(path, root))
SMALL = [path for path in FILES if path.stat().st_size < 20_000]
"""What people write; generated tables are laid out as they are, and add nothing when they are shuffled but time."""

UNTIDY = """\
#:schema x.json
# About this file.

title="t"   # why so
format=1
covers = ["a",
"b" , # second
  "c"]

[[step]]

exit=0
# what it prints

stdout . contains = [ "x","y" ]
run = [ "list" ,"--all" ]  # everything
id = "list"
[[case]]
word = {a=1,b = [ 1,2 ]}
id = "one"
# the end of the case

# the server
[server.plane] # remark
data = "x.json"
use = "control-plane"
"""
TIDY = """\
#:schema x.json
# About this file.

format = 1
title = "t"  # why so
covers = [
  "a",
  "b",  # second
  "c",
]

# the server
[server.plane]  # remark
use = "control-plane"
data = "x.json"

[[case]]
id = "one"
word = { a = 1, b = [1, 2] }
# the end of the case

[[step]]
id = "list"
run = ["list", "--all"]  # everything
exit = 0
# what it prints
stdout.contains = ["x", "y"]
"""


def _formatted(text: str) -> str:
    path = Path("/nowhere/a.toml")
    return formatted(Document.parse(text.encode(), path, PurePath("a.toml")))


def _comments(text: str) -> Counter[str]:
    return Counter(match.rstrip() for match in re.findall(r"#c\d+.*", text))


def test_an_untidy_file_becomes_tidy() -> None:
    assert _formatted(UNTIDY) == TIDY
    assert _formatted(TIDY) == TIDY
    assert _formatted(UNTIDY.replace("\n", "\r\n")) == TIDY


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_the_files_of_this_checkout_are_laid_out(path: Path) -> None:
    assert formatted(Document.read(path)) == path.read_text(encoding="utf-8"), "run conformance fmt"


def test_every_key_of_a_step_has_its_place() -> None:
    assert STEP_SHAPE.keys.keys() <= set(STEP)
    assert len(set(STEP)) == len(STEP)


def test_a_long_list_gets_a_line_for_each_item() -> None:
    words = ", ".join(f'"argument-{number}"' for number in range(12))
    text = _formatted(f"[[step]]\nrun = [{words}]\n")
    assert text.count("\n") == 15
    assert _formatted(text) == text


SPOT = st.tuples(st.integers(0, 60), st.sampled_from(["", "\n", "#c{} above\n", "\n#c{} apart\n\n", "#c{}\n#c{} second\n", "   \n"]))


@given(st.sampled_from(SMALL), st.lists(SPOT, max_size=6), st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_layout_keeps_values_and_comments_and_is_final(path: Path, spots: list[tuple[int, str]], behind: bool, random: object) -> None:
    """Comments and empty lines in any place between keys, blanks around the equals signs, keys in another order."""
    lines = _shuffled(path.read_text(encoding="utf-8"), random)
    starts = [index for index, line in enumerate(lines) if re.match(r"\[|[A-Za-z0-9\"'._-]+ *=", line)]
    for number, (at, put) in enumerate(spots):
        index = starts[at % len(starts)]
        lines[index] = put.replace("{}", str(number)) + lines[index].replace(" = ", "  =\t", 1)
        if behind and not lines[index].endswith(("[", "'''", '"""')):
            lines[index] += f" #c9{number}"
    text = "\n".join(lines) + "\n"
    once = _formatted(text)
    assert tomllib.loads(once) == tomllib.loads(text)
    assert _comments(once) == _comments(text)
    assert _formatted(once) == once


def _shuffled(text: str, random: object) -> list[str]:
    """The lines with those of each table in another order; files with values over several lines stay as they are."""
    lines = text.splitlines()
    if any(line.endswith(("[", "'''", '"""')) for line in lines):
        return lines
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("["):
            blocks.append([])
        blocks[-1].append(line)
    for block in blocks:
        head, rest = (block[:1], block[1:]) if block and block[0].startswith(("[", "#:")) else ([], block)
        random.shuffle(rest)  # type: ignore[attr-defined]  # a random.Random, which hypothesis gives no name of its own
        block[:] = [*head, *rest]
    return [line for block in blocks for line in block]


WORDS = st.sampled_from(["id", "run", "exit", "x", '"a b"', "'c.d'", "stdout.contains", "title", "server.plane.use"])
SCALARS = st.sampled_from(["1", "0x1f", "true", '"a # b"', "'l'", '"""m\n# not a comment\n"""', "'''n\n'''", "2025-01-02 03:04:05", "nan", "1.5"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + " ,".join(items) + "]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: "[ # c0\n" + ", # c1\n".join(items) + "\n# c2\n]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: "[" + "\n, ".join(items) + " # c3\n,\n]"),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: "[" + " # c6\n# c7\n, # c8\n".join(items) + "]"),
        st.lists(inner, max_size=2).map(lambda items: "{" + ",".join(f" k{number}={item} " for number, item in enumerate(items)) + "}"),
    ),
    max_leaves=6,
)
PAIRS = st.lists(st.tuples(WORDS, VALUES), max_size=4, unique_by=lambda pair: pair[0])
HEADS = st.sampled_from(["[[step]]", "[[finally]]", "[ server . other ]", "[[case]]", "[[procedure.a.step]] # c4", "[[x.y]]"])


@given(PAIRS, st.lists(st.tuples(HEADS, PAIRS), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_toml_is_laid_out_or_is_no_toml(top: list[tuple[str, str]], tables: list[tuple[str, list[tuple[str, str]]]]) -> None:
    parts = [f"{key}={value}" for key, value in top]
    for head, pairs in tables:
        parts += [head, *(f"{key} = {value} # c5" for key, value in pairs)]
    text = "\n".join(parts) + "\n"
    try:
        tomllib.loads(text)
    except ValueError:
        return
    once = _formatted(text)  # refuses to return anything that reads differently
    assert _formatted(once) == once
    assert Counter(re.findall(r"# c\d", once)) == Counter(re.findall(r"# c\d", text))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "scenarios"
    (root / "unit").mkdir(parents=True)
    (root / "unit" / "untidy.toml").write_text(UNTIDY)
    (root / "unit" / "tidy.toml").write_text(TIDY)
    (root / "expectations.toml").write_text("format=1\n")
    return root


def test_check_names_what_it_would_change_and_writes_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lay_out([], tree, check=True) == 1
    assert capsys.readouterr().out == "would change scenarios/unit/untidy.toml\n2 files: 1 would change, 1 laid out already\n"
    assert (tree / "unit" / "untidy.toml").read_text() == UNTIDY


def test_files_are_laid_out_and_others_left_alone(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "unit" / "untidy.toml").chmod(0o640)
    assert lay_out([], tree, check=False) == 0
    assert (tree / "unit" / "untidy.toml").read_text() == TIDY
    assert (tree / "unit" / "untidy.toml").stat().st_mode & 0o777 == 0o640
    assert (tree / "expectations.toml").read_text() == "format=1\n"
    assert lay_out([tree / "unit" / "untidy.toml"], tree, check=True) == 0
    assert [path.name for path in (tree / "unit").iterdir() if path.name.startswith(".")] == []


def test_a_file_that_is_no_toml_is_named_and_the_others_are_laid_out(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "unit" / "broken.toml").write_text("title = \n")
    assert lay_out([], tree, check=False) == 1
    out = capsys.readouterr().out
    assert out.startswith("scenarios/unit/broken.toml:1:9  H1004  not TOML")
    assert out.endswith("3 files: 1 changed, 1 laid out already, 1 with mistakes left alone\n")
    assert (tree / "unit" / "broken.toml").read_text() == "title = \n"


@pytest.mark.parametrize("name", ["nowhere", "expectations.toml"])
def test_nothing_to_lay_out_is_an_error(tree: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lay_out([tree / name], tree, check=False) == 1
    assert capsys.readouterr().err.startswith("error: ")
