"""What is in dist/: every published artifact is what artifacts.json says, and keeps the promises of its kind.

`make test` publishes before it tests. A test whose artifact is not there fails and says so: an artifact that nobody made is not a pass.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

from cli.publish import DEFAULT_ARTIFACTS, PublishError
from cli.publish.link import require_static
from cli.publish.manifest import on_disk, read_manifest, schema_problem

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
SIZE_LIMIT = 12 << 20


def entry(artifact: str) -> Mapping[str, object]:
    found = read_manifest(DIST / "artifacts.json").entry(artifact)
    assert found is not None, f"{artifact} is not published; run `conformance publish` first"
    return found


def program(artifact: str) -> Path:
    return DIST / str(entry(artifact)["path"])


def run(artifact: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program(artifact), *arguments], env={}, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_the_list_satisfies_its_schema() -> None:
    assert schema_problem(json.loads((DIST / "artifacts.json").read_text())) is None


@pytest.mark.parametrize("artifact", DEFAULT_ARTIFACTS)
def test_the_files_are_those_that_are_listed(artifact: str) -> None:
    assert on_disk(entry(artifact), DIST)
    assert (DIST / artifact).stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("artifact", DEFAULT_ARTIFACTS)
def test_it_says_what_it_is_and_running_it_changes_nothing(artifact: str, tmp_path: Path) -> None:
    listed = entry(artifact)
    version = run(artifact, "--version", cwd=tmp_path)
    assert (version.returncode, version.stdout, version.stderr) == (0, f"{listed['version']}\n", "")
    info = json.loads(run(artifact, "--artifact-info", cwd=tmp_path).stdout)
    build = listed["build"]
    assert isinstance(build, dict)
    assert (info["kind"], info["target"], info["version"], info["buildId"]) == (listed["kind"], listed["target"], listed["version"], build["id"])
    assert info["runtime"] == f"CPython {build['cpython']}"
    assert list(tmp_path.iterdir()) == []
    assert on_disk(listed, DIST)


@pytest.mark.parametrize(
    ("artifact", "parts"),
    [("native-linux-x64", {"cpython", "musl", "zig", "omnirelay"}), ("frozen-linux-x64", {"cpython", "omnirelay"}), ("jit-linux-x64", {"omnirelay"})],
)
def test_licence_texts_travel_with_it(artifact: str, parts: set[str]) -> None:
    assert entry(artifact)
    texts = {path.stem: path for path in (DIST / artifact / "licenses").iterdir()}
    assert set(texts) == parts
    assert all(path.stat().st_size > 500 for path in texts.values())


def test_the_native_file_needs_no_other_file() -> None:
    path = program("native-linux-x64")
    require_static(path)
    with path.open("rb") as file:
        elf = ELFFile(file)
        assert elf.header.e_machine == "EM_X86_64"
        assert elf.header.e_type == "ET_EXEC"
        assert not any(segment["p_type"] in ("PT_INTERP", "PT_DYNAMIC") for segment in elf.iter_segments())
        assert not any(isinstance(section, DynamicSection) for section in elf.iter_sections())
        assert elf.get_section_by_name(".symtab") is None
        assert not any(segment["p_type"] == "PT_LOAD" and segment["p_flags"] & 3 == 3 for segment in elf.iter_segments()), (
            "a segment is writable and executable"
        )


def patched(path: Path, place: Path, segment_type: str, offset: int, value: int) -> Path:
    """A copy of a 64-bit ELF file with one four-byte field of the program header of a segment changed."""
    content = bytearray(path.read_bytes())
    with path.open("rb") as file:
        elf = ELFFile(file)
        index = next(number for number, segment in enumerate(elf.iter_segments()) if segment["p_type"] == segment_type)
        start = elf.header.e_phoff + index * elf.header.e_phentsize + offset
    content[start : start + 4] = value.to_bytes(4, "little")
    copy = place / "patched"
    copy.write_bytes(content)
    return copy


def test_the_proof_of_staticness_refuses_other_programs(tmp_path: Path) -> None:
    dynamic = Path("/bin/sh").resolve()
    with pytest.raises(PublishError, match="names a dynamic loader"):
        require_static(dynamic)
    with pytest.raises(PublishError, match="needs shared libraries"):
        require_static(patched(dynamic, tmp_path, "PT_INTERP", 0, 0))
    with pytest.raises(PublishError, match="executable stack"):
        require_static(patched(program("native-linux-x64"), tmp_path, "PT_GNU_STACK", 4, 7))


def test_the_native_file_is_small_and_names_no_directory_of_the_building_machine() -> None:
    path = program("native-linux-x64")
    assert path.stat().st_size <= SIZE_LIMIT
    content = path.read_bytes()
    for place in (str(ROOT), str(Path.home()), "/tmp/"):
        if len(place) > 5:
            assert place.encode() not in content, place


def test_the_native_file_runs_where_there_is_nothing_else(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: chroot into an empty directory")
    copy = tmp_path / "omnirelay"
    copy.write_bytes(program("native-linux-x64").read_bytes())
    copy.chmod(0o755)
    code = "import os, sys; os.chroot(sys.argv[1]); os.chdir('/'); os.execve('/omnirelay', ['omnirelay', 'mesh', 'peers', 'list', '--help'], {})"
    done = subprocess.run([os.environ.get("PYTHON", "python3"), "-I", "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: omnirelay mesh peers list")


def test_the_jit_environment_holds_the_wheel_and_nothing_else() -> None:
    build = entry("jit-linux-x64")["build"]
    assert isinstance(build, dict)
    wheel = DIST / "jit-linux-x64" / build["wheel"]
    assert re.fullmatch(r"omnirelay_cli-[0-9.]+-py3-none-any\.whl", wheel.name)
    assert wheel.is_file()
    python = DIST / "jit-linux-x64" / "venv" / "bin" / "python"
    code = "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()), m.version('omnirelay-cli'), m.requires('omnirelay-cli'))"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"['omnirelay-cli'] {entry('jit-linux-x64')['version']} None"


def test_the_frozen_bundle_carries_no_module_that_nobody_uses() -> None:
    root = DIST / "frozen-linux-x64" / "omnirelay"
    names = {path.name.partition(".")[0] for path in root.rglob("*.so")}
    assert {"_socket", "unicodedata"} <= names
    assert not names & {"_ssl", "_ctypes", "_decimal", "_hashlib", "_sqlite3", "_codecs_jp"}
    assert stat.S_IMODE((root / "omnirelay").stat().st_mode) == 0o755


def test_the_reflective_kind_stays_out_of_default_selections() -> None:
    listed = read_manifest(DIST / "artifacts.json")
    assert [item["id"] for item in listed.artifacts if item.get("development")] in ([], ["reflective-linux-x64"])
