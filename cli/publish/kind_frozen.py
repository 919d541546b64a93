"""Frozen bundles: a directory with PyInstaller's loader, the interpreter's library and our bytecode. Nothing is unpacked at run time."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from pathlib import Path

from cli.publish import licences
from cli.publish.digests import file_digest
from cli.publish.errors import PublishError
from cli.publish.extras import extras_digest, place_extras
from cli.publish.packager import Job, Made
from cli.publish.progress import stage
from cli.publish.staging import package_digest, stage_package
from cli.publish.targets import Target
from cli.publish.toolchain import package_version

MISSING_FILE = Path(__file__).with_name("frozen-missing-modules.txt")
# Found by following imports of the library's own start-up modules, never used by ours.
EXCLUDED = (
    "_bootlocale", "_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr", "_codecs_tw", "_multibytecodec", "resource",
    "argparse", "asyncio", "bz2", "calendar", "csv", "ctypes", "datetime", "decimal", "dis", "email", "getopt", "gettext",
    "gzip", "hashlib", "html", "http", "importlib.metadata", "importlib.resources", "inspect", "json", "logging", "lzma", "multiprocessing",
    "pathlib", "pickle", "pkgutil", "platform", "pprint", "pydoc", "quopri", "random", "selectors", "shutil", "signal", "socket", "ssl",
    "statistics", "string", "subprocess", "tarfile", "tempfile", "textwrap", "threading", "typing", "unittest", "urllib", "xml", "zipfile",
)  # fmt: skip
ENTRY = '"""The entry of the frozen kind."""\n\nfrom omnirelay.__main__ import main\n\nmain()\n'
OPTIONS = ("--onedir", "--noupx", "--noconfirm", "--clean", "--console", "--name", "omnirelay")

_MISSING = re.compile(r"(?:missing|excluded|invalid) module named '?([\w.]+)'?")


class FrozenPackager:
    """Route: stage, collect with PyInstaller, compare what it did not find with the committed list."""

    kind = "frozen"
    development = False

    def inputs(self, target: Target) -> dict[str, str]:
        return {
            "package": package_digest(),
            "extras": extras_digest(),
            "python": sys.version,
            "prefix": sys.base_prefix,
            "pyinstaller": package_version("pyinstaller"),
            "missing": file_digest(MISSING_FILE),
        }

    def make(self, job: Job) -> Made:
        work = job.place / "work"
        work.mkdir()
        stage_package(work, kind=self.kind, target=job.target.name, build_id=job.build_id)
        (work / "entry.py").write_text(ENTRY, encoding="utf-8")
        excluded = [word for name in EXCLUDED for word in ("--exclude-module", name)]
        places = ["--distpath", "out", "--workpath", "build", "--specpath", ".", "--paths", "."]
        with stage(job.progress, f"{job.artifact}: PyInstaller"):
            command = [sys.executable, "-sP", "-m", "PyInstaller", *OPTIONS, *places, *excluded, "entry.py"]
            quiet = {"PYI_LOG_LEVEL": "WARN", "PYINSTALLER_CONFIG_DIR": str(work / "config")}
            job.tools.run("pyinstaller", command, ours=True, cwd=work, environment=quiet, hide=work)
        check_missing((work / "build" / "omnirelay" / "warn-omnirelay.txt").read_text(encoding="utf-8"), read_missing(MISSING_FILE))
        (work / "out" / "omnirelay").rename(job.place / "omnirelay")
        shutil.rmtree(work)
        place_extras(job.place)
        licences.place_licences(job.place, {**licences.own(), **licences.host_python()})
        facts = {"cpython": platform.python_version(), "pyinstaller": package_version("pyinstaller")}
        return Made(executable="omnirelay/omnirelay", tree="omnirelay", facts=facts)


def read_missing(path: Path) -> frozenset[str]:
    """The modules that may be missing: one name per line, `#` starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line)


def check_missing(report: str, allowed: frozenset[str]) -> None:
    """Raises when PyInstaller did not find a module that is not on the list: it could be one that our code needs."""
    found = set(_MISSING.findall(report))
    unknown = sorted(found - allowed - set(EXCLUDED))
    if unknown:
        raise PublishError(
            f"pyinstaller: did not find {', '.join(unknown)}. If nothing of ours needs them, add them with a reason to {MISSING_FILE.name}; "
            "otherwise install them or mend the import"
        )
