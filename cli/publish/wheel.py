"""The pure-Python wheel: built by the project's own build backend, installed by the rules of the wheel format, without a network."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path, PurePosixPath

from cli.publish.errors import PublishError
from cli.publish.extras import place_extras
from cli.publish.staging import CLI, PROJECT, stage_package
from cli.publish.tools import Tools

MAX_MEMBERS = 10_000
MAX_BYTES = 64 << 20

# Only a staged project has the folder, so only a staged project file names it.
_SHARED_DATA = '\n[tool.hatch.build.targets.wheel.shared-data]\n"share" = "share"\n'
_BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


def build_wheel(work: Path, out: Path, *, build_id: str, tools: Tools) -> Path:
    """Builds the wheel of the product in `out`. Its package is told no target: it runs on any."""
    stage_package(work, kind="jit", target="", build_id=build_id)
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        source = CLI / name if (CLI / name).is_file() else CLI.parent / name
        if source == CLI / name or name == "LICENSE":
            (work / name).write_bytes(source.read_bytes())
    place_extras(work)
    with (work / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(_SHARED_DATA)
    tools.run("wheel", [sys.executable, "-I", "-c", _BUILD, out], ours=False, cwd=work, hide=work)
    found = list(out.glob("*.whl"))
    if len(found) != 1:
        raise PublishError(f"wheel: {PROJECT} gave {len(found)} wheels, expected one")
    return found[0]


def install_wheel(wheel: Path, site: Path, prefix: Path) -> dict[str, str]:
    """Unpacks a pure wheel into `site`, and its shared data into `prefix`; returns its console scripts: name → `module:function`.

    Every member is checked against RECORD. Of the data only `share/` is taken: manual pages and completion scripts.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = {info.filename: info for info in archive.infolist() if not info.is_dir()}
            if len(members) > MAX_MEMBERS or sum(info.file_size for info in members.values()) > MAX_BYTES:
                raise PublishError(f"{wheel.name}: holds more than {MAX_MEMBERS} members or {MAX_BYTES >> 20} MiB")
            record = _record(archive, members, wheel.name)
            for name in sorted(members):
                content = archive.read(name)
                _check(name, content, record, wheel.name)
                target = _target(name, site, prefix)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            scripts = [name for name in members if name.endswith(".dist-info/entry_points.txt")]
            return _console_scripts(archive.read(scripts[0]).decode("utf-8")) if scripts else {}
    except (zipfile.BadZipFile, UnicodeDecodeError, EOFError) as error:
        raise PublishError(f"{wheel.name}: is not a wheel: {error}") from None


def _record(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], wheel: str) -> dict[str, str]:
    names = [name for name in members if name.endswith(".dist-info/RECORD") and name.count("/") == 1]
    if len(names) != 1:
        raise PublishError(f"{wheel}: must hold exactly one .dist-info/RECORD")
    rows = csv.reader(io.StringIO(archive.read(names[0]).decode("utf-8")))
    record = {row[0]: row[1] for row in rows if len(row) == 3}
    record[names[0]] = ""
    return record


def _check(name: str, content: bytes, record: dict[str, str], wheel: str) -> None:
    path = PurePosixPath(name)
    outside = path.parts[0].endswith(".data") and path.parts[1:3] != ("data", "share")
    if path.is_absolute() or ".." in path.parts or "\\" in name or outside:
        raise PublishError(f"{wheel}: the member {name!r} does not belong into a pure wheel")
    if name not in record:
        raise PublishError(f"{wheel}: the member {name!r} is not in RECORD")
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
    if record[name] not in ("", f"sha256={digest}") or (not record[name] and not name.endswith("/RECORD")):
        raise PublishError(f"{wheel}: the member {name!r} is not the one that RECORD names")


def _target(name: str, site: Path, prefix: Path) -> Path:
    path = PurePosixPath(name)
    return prefix.joinpath(*path.parts[2:]) if path.parts[0].endswith(".data") else site / name


def _console_scripts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    section = ""
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            section = line
        elif section == "[console_scripts]" and "=" in line:
            name, _, target = line.partition("=")
            found[name.strip()] = target.strip()
    return found
