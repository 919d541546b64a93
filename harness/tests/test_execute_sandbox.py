"""Sandboxes: empty at the start, gone at the end, and every change of the working directory told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.execute.sandbox import MAX_ENTRIES, Listing, Sandbox, SandboxRoot
from harness.faults import SandboxFault
from harness.model.observation import FileDelta
from harness.model.scenario import SandboxFile
from harness.model.template import Template


def snapshot(sandbox: Sandbox) -> dict[str, int]:
    return {str(path.relative_to(sandbox.root)): path.stat().st_mode & 0o777 for path in sandbox.root.rglob("*")}


EMPTY = {"work": 0o700, "home": 0o700, "tmp": 0o700}


def test_a_clean_sandbox_serves_the_next_cell_and_nothing_is_left(tmp_path: Path) -> None:
    with SandboxRoot.create(tmp_path) as root:
        with root.cell() as first:
            assert snapshot(first) == EMPTY
        with root.cell() as second:
            assert second.root == first.root
            assert snapshot(second) == EMPTY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dirt", ["work/a", "home/.cache/x/y", "tmp/left", "beside"])
def test_what_a_cell_leaves_behind_does_not_reach_the_next(tmp_path: Path, dirt: str) -> None:
    with SandboxRoot.create(tmp_path) as root:
        with root.cell() as first:
            target = first.root / dirt
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("x")
        assert not target.exists()
        with root.cell() as second:
            assert snapshot(second) == EMPTY
            assert len(str(second.root)) == len(str(first.root))


def test_changed_permissions_do_not_reach_the_next_cell(tmp_path: Path) -> None:
    with SandboxRoot.create(tmp_path) as root:
        with root.cell() as first:
            first.home.chmod(0o500)
        with root.cell() as second:
            assert snapshot(second) == EMPTY


def test_directories_replaced_by_links_do_not_lead_the_next_cell_away(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    with SandboxRoot.create(tmp_path) as root:
        with root.cell() as first:
            first.home.rmdir()
            first.home.symlink_to(elsewhere)
        with root.cell() as second:
            assert not second.home.is_symlink()
    assert (elsewhere / "precious").exists()


def test_locked_directories_are_removed(tmp_path: Path) -> None:
    with SandboxRoot.create(tmp_path) as root, root.cell() as sandbox:
        (sandbox.work / "a/b").mkdir(parents=True)
        (sandbox.work / "a/b/c").write_text("x")
        (sandbox.work / "a/b").chmod(0)
        (sandbox.work / "a").chmod(0)
    assert list(tmp_path.iterdir()) == []


def test_kept_sandboxes_stay_apart(tmp_path: Path) -> None:
    with SandboxRoot.create(tmp_path, keep=True) as root:
        with root.cell() as first:
            (first.work / "a").write_text("1")
        with root.cell() as second:
            assert second.root != first.root
    assert (first.work / "a").read_text() == "1"


def test_a_parent_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SandboxFault, match="cannot make a directory for sandboxes"):
        SandboxRoot.create(tmp_path / "missing")


def test_files_of_a_scenario_are_written_as_they_are(tmp_path: Path) -> None:
    source = tmp_path / "tool.sh"
    source.write_bytes(b"#!/bin/sh\r\n")
    source.chmod(0o755)
    with SandboxRoot.create(tmp_path) as root, root.cell() as sandbox:
        files = (SandboxFile("a/b.txt", content=Template("x", ("líne\r\n",))), SandboxFile("tool", source=source))
        sandbox.fill(files, lambda template: template.literal or "")
        assert (sandbox.work / "a/b.txt").read_bytes() == "líne\r\n".encode()
        assert (sandbox.work / "tool").read_bytes() == b"#!/bin/sh\r\n"
        assert os.access(sandbox.work / "tool", os.X_OK)


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "a/../../work-evil/x"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, path: str) -> None:
    with SandboxRoot.create(tmp_path) as root, root.cell() as sandbox:
        with pytest.raises(SandboxFault, match="leads out of the sandbox"):
            sandbox.inside(path)
        with pytest.raises(SandboxFault, match="leads out of the sandbox"):
            sandbox.fill((SandboxFile(path, content=Template("", ())),), lambda _: "")


def test_every_change_of_the_working_directory_is_told(tmp_path: Path) -> None:
    for name in ("same", "grown", "rewritten", "gone", "locked"):
        (tmp_path / name).write_text("text")
    (tmp_path / "link").symlink_to("same")
    (tmp_path / "full").mkdir()
    (tmp_path / "hollow").mkdir()
    (tmp_path / "full/x").write_text("x")
    before = Listing.read(tmp_path)
    stamp = (tmp_path / "rewritten").stat()
    (tmp_path / "grown").write_text("text and more")
    (tmp_path / "rewritten").write_text("TEXT")
    os.utime(tmp_path / "rewritten", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    (tmp_path / "gone").unlink()
    (tmp_path / "locked").chmod(0o400)
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("grown")
    (tmp_path / "new/deep").mkdir(parents=True)
    (tmp_path / "new/deep/file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "full/x").unlink()
    (tmp_path / "hollow/y").touch()
    assert before.delta(Listing.read(tmp_path)) == FileDelta(
        created=("empty/", "hollow/y", "new/deep/file"), modified=("grown", "link", "locked", "rewritten"), deleted=("full/x", "gone")
    )
    assert before.delta(before) == FileDelta()


def test_a_listing_is_limited(tmp_path: Path) -> None:
    for number in range(MAX_ENTRIES + 1):
        (tmp_path / str(number)).touch()
    listing = Listing.read(tmp_path)
    assert listing.entries == {} and "too many" in listing.obstacle
