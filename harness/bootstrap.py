"""Sets the checkout up: the virtual environment from the lock, and the system packages that a run uses.

Runs on a bare Python 3.11 or newer (standard library only). Safe to interrupt: the environment counts as ready only when its marker,
written last, names the lock and the interpreter that made it. Anything else is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
MARKER = VENV / ".ready"
LOCK = ROOT / "requirements.lock"
NOT_RUN = CACHE / "not-run.json"

SYSTEM_COMMANDS = {
    # command, or pattern of a file -> (Debian package, what does not run without it)
    "curl": ("curl", "the curl reference line of the timing report"),
    "objcopy": ("binutils", "publishing the frozen artifact (PyInstaller calls it)"),
    "jq": ("jq", "the proof that the engine tests other programs too"),
    "valgrind": ("valgrind", "the instruction counts of the start-up ledger"),
    "strace": ("strace", "the files and system calls of the start-up ledger"),
    "clang": ("clang", "the sanitizer build and the fuzzer of the C parser"),
    "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a": ("libclang-rt-dev", "the sanitizer build and the fuzzer of the C parser"),
    "zsh": ("zsh", "the completion test in zsh"),
    "fish": ("fish", "the completion test in fish"),
    "/usr/share/i18n/locales/en_US": ("locales", "runs under another locale (--perturb=locale)"),
    "man": ("man-db", "the check of the manual pages"),
    "chromium": ("chromium", "the check of the HTML reports in a browser"),
    "bats": ("bats", "one of the runners that make bench-engine compares with"),
    "parallel": ("parallel", "bats --jobs in make bench-engine"),
}
ON_DEMAND = {
    # Debian package -> what shows that it is there; installed only when a target names it: `bootstrap.py wine64`
    "wine64": "/usr/lib/wine/wine64",
}
OLDEST = (3, 11)


class SetupError(Exception):
    """Set-up cannot go on; the text says what to do."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def fingerprint() -> str:
    """What the environment depends on: the lock, the suite's own metadata, the interpreter and the place (scripts hold absolute paths)."""
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    digest.update(f"{sys.version}\n{sys.base_prefix}\n{ROOT}".encode())
    return digest.hexdigest()


def run(command: list[str], what: str) -> None:
    """Runs one tool quietly; its output is shown only when it fails."""
    started = time.monotonic()
    say(f"{what} …")
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SetupError(f"{what} failed (exit {done.returncode}): {' '.join(command)}\n{done.stdout[-4000:]}")
    say(f"{what}: {time.monotonic() - started:.0f} s")


def apt(packages: list[str]) -> None:
    """Installs Debian packages as root; refreshes the lists only when the first try does not find them."""
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    install = [*environment, "apt-get", "install", "-y", "--no-install-recommends", *packages]
    try:
        run(install, f"installing {' '.join(packages)}")
    except SetupError:
        run(["apt-get", "update"], "refreshing the package lists")
        run(install, f"installing {' '.join(packages)}")


def can_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def create_environment() -> None:
    MARKER.unlink(missing_ok=True)
    create = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    try:
        run(create, "creating the virtual environment")
    except SetupError:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not can_apt():
            raise SetupError(f"this Python cannot create virtual environments; install the package {package} and try again") from None
        apt([package])
        run(create, "creating the virtual environment")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)], "installing the locked packages")
    run([*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)], "installing the suite in place")
    partial = MARKER.with_suffix(".partial")
    partial.write_text(fingerprint() + "\n")
    partial.replace(MARKER)


def environment_is_ready() -> bool:
    try:
        return MARKER.read_text().strip() == fingerprint()
    except OSError:
        return False


def is_there(probe: str) -> bool:
    """Whether a command is on the path, or a file of that pattern exists."""
    return any(Path("/").glob(probe[1:])) if probe.startswith("/") else shutil.which(probe) is not None


def system_packages() -> list[dict[str, str]]:
    """Installs what is missing, or returns a row for each thing that will not run without it."""
    missing = {probe: entry for probe, entry in SYSTEM_COMMANDS.items() if not is_there(probe)}
    if not missing:
        return []
    packages = sorted({package for package, _ in missing.values()})
    if can_apt():
        apt(packages)
        return []
    rows = [{"what": what, "why": f"not run: install {package}"} for package, what in missing.values()]
    command = f"apt-get install {' '.join(packages)}"
    if os.environ.get("CI") == "true":
        raise SetupError(f"missing system packages; run as root: {command}")
    say(f"missing system packages; the report will name what was not run. To have it all: sudo {command}")
    return rows


def set_up() -> None:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if environment_is_ready():
            say("virtual environment: ready")
        else:
            create_environment()
        rows = system_packages()
        partial = NOT_RUN.with_suffix(".partial")
        partial.write_text(json.dumps({"format": 1, "not_run": rows}, indent=1) + "\n")
        partial.replace(NOT_RUN)


def install_on_demand(names: list[str]) -> None:
    """Installs packages that set-up leaves out, because they are large and only one target needs them."""
    unknown = [name for name in names if name not in ON_DEMAND]
    if unknown:
        raise SetupError(f"no package {unknown[0]} to install on demand; there are: {', '.join(ON_DEMAND)}")
    missing = [name for name in names if not is_there(ON_DEMAND[name])]
    if missing and not can_apt():
        raise SetupError(f"missing system packages; run as root: apt-get install {' '.join(missing)}")
    if missing:
        apt(missing)


def main() -> int:
    if sys.version_info < OLDEST:
        print(f"setup: Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version.split()[0]}; say make PYTHON=/path/to/python3", file=sys.stderr)
        return 1
    try:
        if sys.argv[1:]:
            install_on_demand(sys.argv[1:])
        else:
            set_up()
    except SetupError as error:
        print(f"setup: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
