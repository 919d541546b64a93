"""Files that cannot be read, are too large, or are asked for by name on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.load.errors import ScenarioError
from harness.load.limits import DATA_BYTES, FILE_BYTES
from harness.load.lint import explain_code, lint
from harness.load.scenarios import load_file, load_tree

SMALL = 'format = 1\ntitle = "t"\n\n[[step]]\nrun = []\n'


def _codes(path: Path, root: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_file(path, root)
    return [item.code for item in caught.value.diagnostics]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "scenarios"
    (root / "unit").mkdir(parents=True)
    (root / "unit" / "right.toml").write_text(SMALL)
    return root


def test_missing_file_and_folder_with_the_name_of_a_file(tree: Path) -> None:
    (tree / "unit" / "folder.toml").mkdir()
    assert _codes(tree / "unit" / "gone.toml", tree) == ["H1001"]
    assert [item.code for item in load_tree(tree).diagnostics] == ["H1001"]


def test_file_beyond_the_limit(tree: Path) -> None:
    path = tree / "unit" / "large.toml"
    path.write_text(SMALL + "#" * FILE_BYTES)
    assert _codes(path, tree) == ["H1002"]


def test_server_data_beyond_the_limit(tree: Path) -> None:
    (tree / "integration").mkdir()
    with (tree / "integration" / "big.json").open("wb") as stream:
        stream.truncate(DATA_BYTES + 1)
    path = tree / "integration" / "a.toml"
    path.write_text(SMALL + '\n[server.plane]\nuse = "control-plane"\ndata = "big.json"\n')
    assert _codes(path, tree) == ["H2406"]


def test_link_out_of_the_folder_is_refused(tree: Path) -> None:
    (tree.parent / "secret.txt").write_text("x")
    (tree / "unit" / "link.txt").symlink_to(tree.parent / "secret.txt")
    path = tree / "unit" / "a.toml"
    path.write_text(SMALL.replace("\n[[", '\n[files]\na = { from = "link.txt" }\n\n[['))
    assert _codes(path, tree) == ["H2403"]


def test_lint_counts_what_is_right(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint([], tree) == 0
    assert capsys.readouterr().out == "1 scenario with 1 case is right\n"


def test_lint_prints_every_mistake_and_still_reads_the_rest(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "unit" / "wrong.toml").write_text(SMALL + "exitcode = 1\n")
    assert lint([], tree) == 1
    out = capsys.readouterr().out
    assert out.startswith(
        'scenarios/unit/wrong.toml:6:1  H2107  unknown key "exitcode" in [[step]] 1\n    6 | exitcode = 1\n      | ^^^^^^^^  did you mean "exit"?\n'
    )
    assert out.endswith("1 mistake in 1 file; 1 scenario with 1 case is right\n")


@pytest.mark.parametrize("name", ["nowhere", "unit/empty"])
def test_lint_of_nothing_is_an_error(tree: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "unit" / "empty").mkdir()
    assert lint([tree / name], tree) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_only_selects_files_and_folders(tree: Path) -> None:
    (tree / "feature").mkdir()
    (tree / "feature" / "other.toml").write_text(SMALL)
    assert [item.id for item in load_tree(tree, [tree / "feature"]).scenarios] == ["feature/other"]
    assert [item.id for item in load_tree(tree, [tree / "unit" / "right.toml"]).scenarios] == ["unit/right"]


def test_explain_tells_cause_and_fix_or_the_nearest_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_code("h2107") == 0
    page = capsys.readouterr().out
    assert page.startswith("H2107  Unknown key\n\n  cause    ")
    assert "\n  way out  Use the key that the message names.\n" in page
    assert page.endswith('\n  example\n\n    [[step]]\n    run = ["--version"]\n    exitcode = 0\n')
    assert explain_code("H21077") == 1
    assert 'there is no code "H21077"; did you mean "H2107"?' in capsys.readouterr().err
