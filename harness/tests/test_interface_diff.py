"""What changed between two interfaces: each kind of change by its class, files of any bytes, and the rule that what breaks is announced."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from harness.cli import app
from harness.interface.baseline import baseline
from harness.interface.changelog import demand, unannounced
from harness.interface.diff import ADDED, BREAKING, TEXT, Change, compare
from harness.interface.model import Interface, InterfaceError, loads, read
from harness.interface.render import as_json, markdown, text
from harness.interface.section import section

ROOT = Path(__file__).resolve().parents[2]
CURRENT = ROOT / "docs" / "reference" / "omnirelay.json"


def option(*names: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "value", "names": list(names), "default": None, "choices": [], "help": "h", "metavar": "TEXT", **changes}


def document() -> dict[str, Any]:
    words = {**option("WORDS"), "kind": "words"}
    return {
        "format": 1,
        "program": "om",
        "exitCodes": [{"code": 0, "meaning": "done"}, {"code": 1, "meaning": "failed"}],
        "environment": [{"name": "COLUMNS", "meaning": "width"}],
        "commands": [
            {"path": "om", "kind": "group", "summary": "s", "description": [], "usage": "u", "parameters": [option("--help", kind="action")]},
            {
                "path": "om list", "kind": "verb", "summary": "s", "description": ["d"], "usage": "u",
                "parameters": [option("--format", "-f", default="text", choices=["text", "json"]), option("--all", kind="flag", default=False), words],
            },
        ],
    }  # fmt: skip


def interface(value: dict[str, Any]) -> Interface:
    return loads(json.dumps(value).encode(), "x")


def changed(edit: str) -> list[tuple[str, str, str]]:
    """The changes that one edit of the document leads to; the edit is a statement about `d`, its verb `v` and the verb's parameters `p`."""
    new = copy.deepcopy(document())
    verb = new["commands"][1]
    exec(edit, {"d": new, "v": verb, "p": verb["parameters"], "option": option})
    return [(change.kind, change.subject, change.what) for change in compare(interface(document()), interface(new))]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ("pass", []),
        ("del d['commands'][1]", [(BREAKING, "list", "the verb is gone")]),
        ("d['commands'].append({**v, 'path': 'om show'})", [(ADDED, "show", "a new verb")]),
        ("v['kind'] = 'group'", [(BREAKING, "list", "was a verb, is a group now")]),
        ("v['gear'] = 'full'", [(TEXT, "list", "was of the gear unknown, is of the gear full now")]),
        ("p[0]['offered'] = ['text']", [(TEXT, "list --format", "completion offers something else for it")]),
        ("p[2]['completes'] = 'peers'", [(TEXT, "list WORDS", "completion offers something else for it")]),
        ("p[0]['commas'] = True", [(TEXT, "list --format", "completion offers something else for it")]),
        ("p[0]['commas'] = False", []),
        ("v['summary'] = 'other'", [(TEXT, "list", "its description or usage line reads otherwise")]),
        ("d['program'] = 'omni'; d['commands'][0]['path'] = 'omni'; v['path'] = 'omni list'", [(BREAKING, "om", "the program is called omni now")]),
        ("del p[0]", [(BREAKING, "list --format", "is gone")]),
        ("p.append(option('--new'))", [(ADDED, "list --new", "is new")]),
        ("p[0]['names'] = ['--format']", [(BREAKING, "list --format", "the spelling -f is gone")]),
        ("p[0]['names'].append('-F')", [(ADDED, "list --format", "the spelling -F is new")]),
        (
            "p[0]['names'] = ['--output', '-f']",
            [(BREAKING, "list --format", "the spelling --format is gone"), (ADDED, "list --format", "the spelling --output is new")],
        ),
        (
            "p[0]['names'] = ['--format']; p.insert(0, option('--file', '-f'))",
            [(BREAKING, "list --format", "the spelling -f is gone"), (ADDED, "list --file", "is new")],
        ),
        ("p[0]['default'] = 'json'", [(BREAKING, "list --format", "the default was 'text', is 'json' now")]),
        ("p[1]['default'] = True", [(BREAKING, "list --all", "the default was false, is true now")]),
        ("p[1]['kind'] = 'value'", [(BREAKING, "list --all", "was of the kind flag, is of the kind value now")]),
        ("p[0]['choices'] = ['text']", [(BREAKING, "list --format", "the choice json is gone")]),
        ("p[0]['choices'].append('csv')", [(ADDED, "list --format", "the choice csv is new")]),
        ("p[0]['choices'] = []", [(ADDED, "list --format", "takes any text now, not only text, json")]),
        ("p.append(option('--x', choices=['a'])); p.pop()", []),
        ("p[0]['repeated'] = True", [(ADDED, "list --format", "may be repeated now")]),
        ("p[0]['type'] = 'integer'", [(BREAKING, "list --format", "took a value of the type text, takes one of the type integer now")]),
        ("p[0] |= {'type': 'text', 'repeated': False}; p[1] |= {'type': None, 'repeated': False}", []),
        ("p[0]['help'] = 'other'", [(TEXT, "list --format", "its help reads otherwise")]),
        ("del p[2]", [(BREAKING, "list WORDS", "is gone")]),
        ("p[2]['names'] = ['ARGS']; p[2]['metavar'] = 'ARGS'", [(TEXT, "list WORDS", "its help reads otherwise")]),
        ("p.reverse()", []),
        ("del d['exitCodes'][1]", [(BREAKING, "exit code 1", "is gone")]),
        ("d['exitCodes'].append({'code': 2, 'meaning': 'time'})", [(ADDED, "exit code 2", "is new")]),
        ("d['exitCodes'][1]['meaning'] = 'other'", [(TEXT, "exit code 1", "is described otherwise")]),
        ("d['environment'] = []", [(BREAKING, "environment variable COLUMNS", "is gone")]),
    ],
)  # fmt: skip
def test_a_change_has_its_class(edit: str, expected: list[tuple[str, str, str]]) -> None:
    assert changed(edit) == expected


def test_choices_where_any_text_was_taken_break() -> None:
    old = document()
    old["commands"][1]["parameters"][0]["choices"] = []
    found = compare(interface(old), interface(document()))
    assert [(change.kind, change.what) for change in found] == [(BREAKING, "took any text, takes only text, json now")]


def test_what_is_no_longer_repeated_breaks_and_any_text_for_a_number_does_not() -> None:
    old = document()
    old["commands"][1]["parameters"][0] |= {"repeated": True, "type": "integer"}
    found = compare(interface(old), interface(document()))
    assert [(change.kind, change.what) for change in found] == [
        (BREAKING, "may be repeated no more: only the last value counts"),
        (ADDED, "took a value of the type integer, takes one of the type text now"),
    ]


PIECES = st.sampled_from(["--format", "-f", "--all", "-a", "WORDS"])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    before=st.lists(st.lists(PIECES, min_size=1, max_size=2, unique=True), max_size=3),
    after=st.lists(st.lists(PIECES, min_size=1, max_size=2, unique=True), max_size=3),
)
def test_a_spelling_that_is_gone_always_breaks(before: list[list[str]], after: list[list[str]]) -> None:
    documents = []
    for names in (before, after):
        made = document()
        made["commands"][1]["parameters"] = [option(*each) for each in names]
        documents.append(interface(made))
    found = compare(*documents)
    gone = {name for names in before for name in names} - {name for names in after for name in names}
    assert bool([change for change in found if change.kind == BREAKING]) >= bool(gone)
    assert compare(documents[0], documents[0]) == ()


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("d['format'] = 2", r"x: \$\.format: is 2, only 1 is known"),
        ("del d['program']", r"x: \$\.program: a text is wanted"),
        ("v['kind'] = 'thing'", r"x: \$\.commands\[1\]\.kind: is 'thing'; one of group, verb is wanted"),
        ("p[0]['names'] = []", r"x: \$\.commands\[1\]\.parameters\[0\]\.names: at least one name"),
        ("p[0]['names'] = [1]", r"names: a list of at most 10000 texts is wanted"),
        ("p[0]['type'] = 'float'", r"parameters\[0\]\.type: is 'float'; one of text, integer is wanted"),
        ("p[0]['repeated'] = 1", r"parameters\[0\]\.repeated: true or false is wanted"),
        ("p[0]['default'] = 1.5", r"default: a text, true, false or null is wanted"),
        ("d['exitCodes'][0]['code'] = True", r"exitCodes\[0\]\.code: a whole number is wanted"),
        ("d['commands'].append(v)", r"x: \$\.commands: describes 'om list' twice"),
        ("d['commands'][0] = 1", r"x: \$\.commands\[0\]: an object is wanted"),
    ],
)
def test_a_file_that_describes_no_interface_is_refused_with_its_place(edit: str, message: str) -> None:
    with pytest.raises(InterfaceError, match=message):
        changed(edit)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.binary(max_size=40)
    | st.builds(
        lambda at, byte: json.dumps(document()).encode()[:at] + byte + json.dumps(document()).encode()[at + 1 :], st.integers(0, 900), st.binary(max_size=2)
    )
)
def test_any_bytes_give_an_interface_or_an_error(data: bytes) -> None:
    try:
        loads(data, "x")
    except InterfaceError as error:
        assert str(error).startswith("x: ")


GONE = (Change(BREAKING, "list --format", "is gone"), Change(ADDED, "list --new", "is new"))


@pytest.mark.parametrize(
    ("changelog", "missing"),
    [
        ("## Unreleased\n\n- Breaking: `list --format` is gone;\n  use `--new`.\n", 0),
        ("## Unreleased\n\n- **Breaking:**\n  `list --format` is gone.\n", 0),
        ("## Unreleased\n\n- `list --format` is gone.\n", 1),
        ("## Unreleased\n\n- Breaking: `list --formats` is gone.\n", 1),
        ("## Unreleased\n\n- Breaking: something.\n- `list --format`\n", 1),
        ("## Unreleased\n\n## 1.0.0\n\n- Breaking: `list --format` is gone.\n", 1),
        ("", 1),
    ],
)
def test_what_breaks_is_announced_or_missing(changelog: str, missing: int) -> None:
    found = unannounced(GONE, changelog)
    assert len(found) == missing
    assert unannounced(GONE, "## Unreleased\n" + demand(found).replace("CHANGELOG.md, Unreleased: add a line such as: ", "")) == () or not missing


def test_the_interface_of_today_breaks_nothing_that_is_not_announced() -> None:
    agreed = baseline(ROOT / "reports")
    assert agreed is not None
    missing = unannounced(compare(read(agreed.path), read(CURRENT)), (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert not missing, demand(missing)


def test_the_newest_release_is_the_baseline(tmp_path: Path) -> None:
    assert baseline(tmp_path) is None
    for name in ("unreleased", "0.9.0", "0.10.0-rc.1", "0.10.0-rc.2", "latest", "0.11.0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "omnirelay.json").write_text("{}")
        if name == "unreleased":
            found = baseline(tmp_path)
            assert found is not None
            assert (found.path.parent.name, found.release) == ("unreleased", "")
    releases = [baseline(tmp_path), baseline(tmp_path, but="0.11.0")]
    assert [found.release for found in releases if found] == ["0.11.0", "0.10.0-rc.2"]


def test_changes_are_shown_as_text_json_and_markdown() -> None:
    assert text(GONE) == "breaking  list --format: is gone\nadded     list --new: is new\n"
    assert text(()) == markdown(()) == "The interface is the same.\n"
    assert markdown(GONE) == "### Breaking\n\n- `list --format`: is gone\n\n### Added\n\n- `list --new`: is new\n"
    assert json.loads(as_json(GONE)) == {
        "format": 1,
        "counts": {"breaking": 1, "added": 1, "text": 0},
        "changes": [
            {"class": kind, "subject": subject, "change": what}
            for kind, subject, what in (("breaking", "list --format", "is gone"), ("added", "list --new", "is new"))
        ],
    }


def test_the_command_ends_with_1_when_something_breaks(tmp_path: Path) -> None:
    broken = document()
    del broken["commands"][1]["parameters"][0]
    for name, value in (("old", document()), ("new", broken)):
        (tmp_path / name).write_text(json.dumps(value))
    run = CliRunner()
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    assert run.invoke(app, ["interface-diff", old, old]).exit_code == 0
    assert run.invoke(app, ["interface-diff", new, old]).exit_code == 0
    assert run.invoke(app, ["interface-diff", old, new]).exit_code == 1
    assert run.invoke(app, ["interface-diff", old, str(tmp_path / "absent")]).exit_code == 2
    (tmp_path / "log").write_text("## Unreleased\n- Breaking: `list --format` is gone\n")
    assert run.invoke(app, ["interface-diff", old, new, "--changelog", str(tmp_path / "log")]).exit_code == 0


def test_the_report_says_what_changed_and_when_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    current = tmp_path / "omnirelay.json"
    current.write_text(json.dumps(document()))
    assert "There is no earlier release" in section(current, tmp_path / "reports", "1.0.0").paragraphs[0]
    old = document()
    old["commands"][1]["parameters"].append(option("--old"))
    folder = tmp_path / "reports" / "0.9.0"
    folder.mkdir(parents=True)
    (folder / "omnirelay.json").write_text(json.dumps(old))
    found = section(current, tmp_path / "reports", "1.0.0")
    assert found.paragraphs == ("What changed since 0.9.0: 1 breaking, 0 added, 0 text only.",)
    assert [[cell.text for cell in row] for row in found.tables[0].rows] == [["breaking", "list --old", "is gone"]]
    (folder / "omnirelay.json").write_text("[]")
    assert "an object is wanted" in section(current, tmp_path / "reports", "1.0.0").tables[0].rows[0][0].text
