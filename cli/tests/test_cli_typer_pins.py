"""The guard of the pinned Typer and Click: another version is refused in one line that says where and what to do, never by a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.generator import pins
from cli.generator.model import BuildError

PINS = {name: version(name) for name in pins.PINNED}
PROJECT = '[project]\nname = "x"\ndependencies = [\n    "pytest>=9",\n    "typer=={typer}",\n    "click=={click}",\n]\n'


def project(root: Path, **changed: str) -> Path:
    """A checkout that pins what is installed, but for `changed`."""
    (root / "cli" / "generator").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PROJECT.format(**{**PINS, **changed}), encoding="utf-8")
    return root


def refused(root: Path) -> str:
    with pytest.raises(BuildError) as refusal:
        pins.check(root)
    return str(refusal.value)


def test_this_checkout_is_accepted_and_its_readers_are_looked_at() -> None:
    pins.check()
    found = {name for package in pins.READERS for path in (pins.ROOT / "cli" / package).glob("*.py") for _, _, name in pins._imports(path)}
    assert {"UNSET", "TyperChoice", "_OptionParser", "ParameterSource"} <= found


@pytest.mark.parametrize(("name", "line"), [("typer", 5), ("click", 6)])
def test_a_version_beside_the_pin_is_refused(tmp_path: Path, name: str, line: int) -> None:
    assert refused(project(tmp_path, **{name: "0.0.1"})) == (
        f"pyproject.toml:{line}: {name} is pinned to 0.0.1, but {name} {PINS[name]} is installed; run make setup, or to raise the pin see "
        "docs/contributors.md, Raising Typer"
    )


def test_a_range_is_no_pin(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "pyproject.toml").write_text(PROJECT.replace("click==", "click>=").format(**PINS), encoding="utf-8")
    assert refused(root).startswith("pyproject.toml: click is not pinned to one version; write click==VERSION")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("from click._utils import NOT_THERE\n", "click._utils.NOT_THERE"),
        ("import typer.nowhere\n", "typer.nowhere"),
        ("def late() -> None:\n    from typer._nowhere import thing\n", "typer._nowhere.thing"),
    ],
)
def test_a_name_that_the_new_version_does_not_have_is_named_with_its_place(tmp_path: Path, source: str, wanted: str) -> None:
    root = project(tmp_path)
    (root / "cli" / "generator" / "reading.py").write_text(f'"""Reads."""\n\nimport click\n{source}', encoding="utf-8")
    line = 3 + len(source.splitlines())
    assert refused(root).startswith(f"cli/generator/reading.py:{line}: typer {PINS['typer']} with click {PINS['click']} has no {wanted}, ")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.sampled_from([b"[project]\ndependencies = 1", b"project = 3", b"\xff"]))
def test_any_project_file_gives_pins_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-project.toml"
    path.write_bytes(content)
    try:
        found = pins.read_pins(path)
    except BuildError as problem:
        assert "no dependencies can be read" in str(problem)
    else:
        assert all(line >= 1 and text for line, text in found.values())


def package(place: Path, name: str, number: str, files: dict[str, str]) -> None:
    """An installed package."""
    (place / f"{name}-{number}.dist-info").mkdir(parents=True)
    (place / f"{name}-{number}.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n", encoding="ascii")
    (place / name).mkdir()
    for file, text in files.items():
        (place / name / file).write_text(text, encoding="ascii")


@pytest.mark.parametrize("module", ["cli.generator", "cli.equivalence"])
def test_a_typer_with_a_click_of_its_own_is_refused_without_a_traceback(tmp_path: Path, module: str) -> None:
    """As the series from 0.26 on are built."""
    package(tmp_path, "typer", PINS["typer"], {"__init__.py": "", "core.py": "class TyperGroup:\n    pass\n"})
    done = told(tmp_path, module)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: pyproject.toml:") and done.stderr.count("\n") == 1
    assert f"typer {PINS['typer']} does not build on the click package but carries its own copy" in done.stderr


def test_a_typer_that_behaves_otherwise_is_refused_with_the_place_where_it_was_noticed(tmp_path: Path) -> None:
    """What no import tells: a name that is there and is something else."""
    (tmp_path / "sitecustomize.py").write_text("import typer.main\n\ndel typer.main.get_command\n", encoding="ascii")
    done = told(tmp_path, "cli.generator", "--check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("error: cli/generator/") and "AttributeError" in done.stderr and "Raising Typer" in done.stderr


def told(place: Path, module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What a module says when `place` comes first."""
    path = os.pathsep.join(map(str, (place, pins.ROOT, pins.ROOT / "cli")))
    command = [sys.executable, "-m", module, *(words or ("--help",))]
    return subprocess.run(command, cwd=pins.ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
