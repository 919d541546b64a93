"""Installing our own wheel: by the rules of the format, and nothing outside its directory."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.publish import PublishError
from cli.publish.extras import MAN, SCRIPTS, place_extras
from cli.publish.kind_frozen import MISSING_FILE, check_missing, read_missing
from cli.publish.wheel import install_wheel
from omnirelay._generated import completion_bash, completion_fish, completion_pwsh, completion_zsh

INFO = "thing-1.dist-info"
ENTRY_POINTS = "[console_scripts]\nthing = thing.app:main\n\n[other]\nx = y:z\n"


def row(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}"


def wheel(path: Path, members: dict[str, bytes], record: str | None = None) -> Path:
    files = {**members, f"{INFO}/entry_points.txt": ENTRY_POINTS.encode()}
    rows = [row(name, content) for name, content in files.items()] + [f"{INFO}/RECORD,,"]
    with zipfile.ZipFile(path / "thing-1-py3-none-any.whl", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(f"{INFO}/RECORD", "\n".join(rows) if record is None else record)
    return path / "thing-1-py3-none-any.whl"


def test_members_and_scripts_are_installed(tmp_path: Path) -> None:
    scripts = install_wheel(wheel(tmp_path, {"thing/app.py": b"x = 1\n"}), tmp_path / "site", tmp_path / "prefix")
    assert scripts == {"thing": "thing.app:main"}
    assert (tmp_path / "site" / "thing" / "app.py").read_bytes() == b"x = 1\n"
    assert (tmp_path / "site" / INFO / "RECORD").is_file()


def test_shared_data_goes_to_the_prefix(tmp_path: Path) -> None:
    members = {"thing/app.py": b"x = 1\n", "thing-1.data/data/share/man/man1/thing.1": b".TH THING 1\n"}
    install_wheel(wheel(tmp_path, members), tmp_path / "site", tmp_path / "prefix")
    assert (tmp_path / "prefix" / "share" / "man" / "man1" / "thing.1").read_bytes() == b".TH THING 1\n"
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == ["thing", INFO]


def test_manual_pages_and_completion_scripts_travel_with_an_artifact(tmp_path: Path) -> None:
    place_extras(tmp_path)
    share = tmp_path / "share"
    pages = {path.name for path in (share / "man" / "man1").iterdir()}
    assert pages == {path.name for path in MAN.glob("*.1")} and "omnirelay-mesh-upgrade-drain.1" in pages
    scripts = {"bash": completion_bash, "zsh": completion_zsh, "fish": completion_fish, "pwsh": completion_pwsh}
    for shell, module in scripts.items():
        assert (share / SCRIPTS[shell]).read_text(encoding="utf-8") == module.SCRIPT


@pytest.mark.parametrize(
    "name", ["../out.py", "/out.py", "thing-1.data/scripts/thing", "thing-1.data/data/etc/thing", "thing-1.data/data/share/../x", "a\\..\\b.py"]
)
def test_members_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PublishError, match="does not belong into a pure wheel"):
        install_wheel(wheel(tmp_path, {name: b""}), tmp_path / "site", tmp_path / "prefix")
    assert not (tmp_path / "out.py").exists()


def test_a_member_that_differs_from_its_record_is_refused(tmp_path: Path) -> None:
    record = "\n".join([row("thing/app.py", b"one"), row(f"{INFO}/entry_points.txt", ENTRY_POINTS.encode()), f"{INFO}/RECORD,,"])
    with pytest.raises(PublishError, match="not the one that RECORD names"):
        install_wheel(wheel(tmp_path, {"thing/app.py": b"two"}, record), tmp_path / "site", tmp_path / "prefix")


def test_a_member_without_a_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="is not in RECORD"):
        install_wheel(wheel(tmp_path, {"thing/app.py": b"two"}, f"{INFO}/RECORD,,"), tmp_path / "site", tmp_path / "prefix")


@given(st.binary(max_size=100))
def test_any_bytes_that_are_no_wheel_are_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    place = tmp_path_factory.mktemp("wheel")
    (place / "x.whl").write_bytes(raw)
    with pytest.raises(PublishError, match=r"x\.whl"):
        install_wheel(place / "x.whl", place / "site", place / "prefix")


def test_a_module_that_the_freezer_misses_must_be_on_the_list() -> None:
    report = "missing module named nt - imported by os (conditional)\nmissing module named 'org.python' - imported by copy (optional)\n"
    check_missing(report, read_missing(MISSING_FILE))
    with pytest.raises(PublishError, match=r"did not find omnirelay\.new"):
        check_missing(report + "missing module named omnirelay.new - imported by omnirelay (top-level)\n", read_missing(MISSING_FILE))


def test_every_listed_module_has_a_reason() -> None:
    lines = [line for line in MISSING_FILE.read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    assert all(line.partition("#")[2].strip() for line in lines)
