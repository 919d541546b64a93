"""Manual pages, reference pages and the machine-readable model: complete, well formed, and readable by the tools that show them."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.declaration.facts import EXIT_CODES
from cli.generator import emit_json, emit_man, emit_reference
from cli.generator.model import Command
from cli.generator.reading import read_application

APPLICATION = read_application()
COMMANDS = APPLICATION.commands
MAN = emit_man.emit(APPLICATION)
REFERENCE = emit_reference.emit(APPLICATION)
DOCUMENT: dict[str, Any] = json.loads(emit_json.emit(APPLICATION)["omnirelay.json"])
SCHEMA: dict[str, Any] = json.loads(emit_json.emit(APPLICATION)["omnirelay.schema.json"])
REQUESTS = {"TH", "SH", "PP", "TP", "B", "nf", "fi"}
ESCAPES = re.compile(r"\\(?:f[BIR]|-|e|&|\([a-z]{2}|\[u[0-9A-F]{4,6}\])")


def page_of(command: Command) -> str:
    return MAN[emit_man.page_name(command.path) + ".1"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.path)
def test_a_manual_page_is_well_formed(command: Command) -> None:
    lines = page_of(command).splitlines()
    assert lines[0].startswith('.\\"') and lines[1].startswith(".TH ")
    assert lines[2] == ".SH NAME" and re.fullmatch(r"[a-z\\-]+ \\- [a-z].+[^.]", lines[3]), lines[3]
    sections = [line[4:] for line in lines if line.startswith(".SH ")]
    order = ["NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "COMMANDS", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"]
    assert sections == [name for name in order if name in sections] and set(order[:3]) <= set(sections)
    for line in lines[1:]:
        assert line and line == line.rstrip() and line.isascii(), line
        if line.startswith((".", "'")):
            assert line[1:].split(" ")[0] in REQUESTS, line
        # Every backslash begins an escape that is known here; a bare hyphen would be typeset as one that cannot be pasted.
        rest = ESCAPES.sub("", line)
        assert "\\" not in rest and "-" not in rest, line
    for index, line in enumerate(lines):
        if line == ".TP":
            assert not lines[index + 1].startswith(".") and not lines[index + 2].startswith("."), lines[index : index + 3]
    assert lines.count(".nf") == lines.count(".fi")
    for name in re.findall(r"\\fB([a-z\\-]+)\\fR\(1\)", page_of(command)):
        assert name.replace("\\", "") + ".1" in MAN, name


@pytest.mark.skipif(shutil.which("man") is None, reason="not run: install man-db and groff-base")
def test_man_shows_every_page_without_a_warning(tmp_path: Path) -> None:
    for name, text in MAN.items():
        path = tmp_path / name
        path.write_text(text)
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "MANWIDTH": "200"}
        command = ["man", "--warnings", "-E", "UTF-8", "-l", str(path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, ""), name
        command_ = next(command for command in COMMANDS if emit_man.page_name(command.path) + ".1" == name)
        shown = re.sub(r"\s+", " ", re.sub(r".\x08", "", done.stdout))
        for paragraph in command_.description():
            assert paragraph in shown, name
        for option in command_.options:
            assert all(spelled in shown for spelled in option.names if spelled.startswith("-")) and option.help in shown, name


def test_what_troff_would_take_for_a_request_is_text() -> None:
    assert emit_man._text(".hidden") == "\\&.hidden"
    assert emit_man._text("'quoted") == "\\(aqquoted"
    assert emit_man._text('a\\b ^~`"é') == "a\\eb \\(ha\\(ti\\(ga\\(dq\\[u00E9]"


def test_reference_pages_lead_to_each_other() -> None:
    for name, text in REFERENCE.items():
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert target in REFERENCE or target in {"omnirelay.json", "omnirelay.schema.json", "usage-errors.md"}, (name, target)
    for command in COMMANDS:
        text = REFERENCE[emit_reference.file_name(command.path)]
        for option in command.options:
            assert all(f"`{spelled}`" in text for spelled in option.names), (command.path, option.name)


def test_a_table_cell_cannot_break_its_row() -> None:
    assert emit_reference._cell("a|b <c> `d` *e* [f]") == "a\\|b \\<c\\> \\`d\\` \\*e\\* \\[f\\]"


def test_the_model_is_what_its_schema_says() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(DOCUMENT, SCHEMA)
    assert DOCUMENT["parserHash"] == APPLICATION.digest()
    assert [entry["code"] for entry in DOCUMENT["exitCodes"]] == [code for code, _ in EXIT_CODES]
    for command, entry in zip(COMMANDS, DOCUMENT["commands"], strict=True):
        assert [parameter["names"] for parameter in entry["parameters"]] == [list(option.names) for option in command.options]
        assert entry.get("gear") == (command.work.gear if command.work else None)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 2), (("parserHash",), "x"), (("commands",), []), (("commands", 0, "kind"), "verb"), (("commands", 1, "gear"), "slow"),
        (("commands", 1, "parameters", 0, "kind"), "list"), (("commands", 1, "parameters", 0, "names"), []), (("exitCodes", 0, "code"), 256),
        (("commands", 1, "more"), 1),
    ],
)  # fmt: skip
def test_the_schema_refuses_what_is_wrong(path: tuple[Any, ...], value: object) -> None:
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)
