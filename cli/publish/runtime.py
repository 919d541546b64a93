"""The interpreter that native artifacts carry: CPython from locked sources, static, with only the built-in modules that the product uses.

It is built once per target and kept in the cache under the digest of everything that goes into it. The answers to configure's
questions are committed, so that the result does not depend on the machine that builds it; they also say which modules are left
out (`py_cv_module_…=n/a`). The modules of TLS will be switched on there.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from cli.publish.cache import Cache
from cli.publish.digests import file_digest, key_of
from cli.publish.errors import PublishError
from cli.publish.progress import Progress, stage
from cli.publish.sources import Source, fetch
from cli.publish.targets import Target
from cli.publish.toolchain import LINK_MODE, MODE, package_version, write_wrappers
from cli.publish.tools import Tools

NATIVE = Path(__file__).with_name("native")

CONFIGURE = (
    "--quiet",
    "--build=x86_64-pc-linux-gnu",
    "--disable-shared",
    "--without-ensurepip",
    "--disable-test-modules",
    "--without-doc-strings",
    "--without-mimalloc",  # never allocates here, yet its constructor is three quarters of what `--version` does
    "MODULE_BUILDTYPE=static",
    "LINKFORSHARED= ",  # a space: empty would mean the default, which exports every symbol
    # Names that no verb uses and that every start would have to put into the dictionaries of posix and _socket (0.7 M instructions).
    *(f"ac_cv_func_{name}=no" for name in ("confstr", "fpathconf", "pathconf", "sysconf")),
    *(f"ac_cv_header_linux_{name}_h=no" for name in ("can", "netlink", "qrtr", "tipc", "vm_sockets")),
    "ac_cv_header_netpacket_packet_h=no",
    "ac_cv_struct_sockaddr_alg=no",
)
# CPython stamps its build with the time; the compiler refuses that, because it would make every build different.
STAMP = "-DDATE='\"Jan  1 2025\"' -DTIME='\"00:00:00\"'"
OPTIMISE = f"-DNDEBUG -Wall -fno-semantic-interposition -ffunction-sections -fdata-sections {STAMP}"

NOT_LIBRARY = frozenset({"__phello__", "__pycache__", "ensurepip", "idlelib", "lib2to3", "site-packages", "test", "tkinter", "turtledemo"})

# `sys.stdlib_module_names`, for whoever asks whether a name is the library's: three hundred texts at every start (0.2 M instructions).
MODULE_NAMES = 'static const char* _Py_stdlib_module_names[] = {"builtins", "sys"};\n'


@dataclass(frozen=True, slots=True)
class Runtime:
    """A built interpreter: headers, one static library, its licence, and what the build said."""

    version: str
    root: Path
    key: str
    warnings: int

    @property
    def headers(self) -> Path:
        return self.root / "include"

    @property
    def library(self) -> Path:
        return self.root / "libpython.a"

    @property
    def modules(self) -> Path:
        """The Python part of the standard library, in source."""
        return self.root / "Lib"

    @property
    def freezer(self) -> Path:
        """CPython's own program that turns source into frozen bytecode; it runs on the building machine."""
        return self.root / "freeze_module"

    @property
    def licence(self) -> Path:
        return self.root / "LICENSE"


def answers_file(target: Target) -> Path:
    """The committed answers to configure's questions for `target`."""
    return NATIVE / f"configure-{target.name}.site"


def runtime_key(source: Source, target: Target) -> str:
    """The digest of everything that the runtime is made from."""
    return key_of(
        {
            "recipe": file_digest(Path(__file__)),
            "source": source.sha256,
            "target": target.triple,
            "zig": package_version("ziglang"),
            "mode": " ".join((*MODE, *LINK_MODE)),
            "configure": "\n".join((*CONFIGURE, OPTIMISE)),
            "answers": file_digest(answers_file(target)),
        }
    )


def runtime(source: Source, target: Target, cache: Cache, tools: Tools, progress: Progress) -> Runtime:
    """The runtime for `target`, from the cache or built now."""
    key = runtime_key(source, target)
    name = f"CPython {source.version} for {target.name}"
    found = cache.find("runtime", key)
    if found is not None:
        progress.step(name, "cached")
    else:
        with stage(progress, f"download CPython {source.version}"):
            archive = fetch(source, cache.root / "sources")
        with stage(progress, name):
            found = cache.make("runtime", key, lambda made: _build(archive, target, tools, made))
    facts = json.loads((found / "facts.json").read_text(encoding="utf-8"))
    return Runtime(source.version, found, key, int(facts["warnings"]))


def _build(archive: Path, target: Target, tools: Tools, made: Path) -> None:
    work = made / "work"
    _unpack(archive, work)
    (work / "Python" / "stdlib_module_names.h").write_text(MODULE_NAMES, encoding="utf-8")
    write_wrappers(made / "bin", target)
    path = {"PATH": f"{made / 'bin'}:/usr/local/bin:/usr/bin:/bin"}
    before = tools.warnings
    tools.run(
        "cpython-configure",
        ["./configure", *CONFIGURE, "CC=target-cc", "AR=target-ar", "RANLIB=target-ranlib", f"LDFLAGS={' '.join(LINK_MODE)}", f"OPT={OPTIMISE}"],
        ours=False,
        cwd=work,
        # pkg-config would find the libraries of the building machine.
        environment={**path, "CONFIG_SITE": str(answers_file(target)), "PKG_CONFIG": "false"},
        hide=made,
    )
    library = "libpython" + ".".join(_minor(work)) + ".a"
    tools.run("cpython-make", ["make", "-s", "-j2", library], ours=False, cwd=work, environment=path, hide=made)
    shutil.copytree(work / "Include", made / "include")
    shutil.copy2(work / "pyconfig.h", made / "include" / "pyconfig.h")
    shutil.copy2(work / library, made / "libpython.a")
    shutil.copy2(work / "Programs" / "_freeze_module", made / "freeze_module")
    shutil.copytree(work / "Lib", made / "Lib", ignore=_not_library)
    shutil.copy2(work / "LICENSE", made / "LICENSE")
    (made / "facts.json").write_text(json.dumps({"warnings": tools.warnings - before}) + "\n", encoding="utf-8")
    tools.warnings = before  # counted through the facts, the same whether built now or taken from the cache
    shutil.rmtree(work)
    shutil.rmtree(made / "bin")


def _not_library(place: str, names: list[str]) -> list[str]:
    """What is left out of a copy of the library: everything but Python sources, and what only tests and installations need."""
    return [name for name in names if name in NOT_LIBRARY or not (name.endswith(".py") or Path(place, name).is_dir())]


def _minor(work: Path) -> tuple[str, str]:
    found = {}
    for line in (work / "Include" / "patchlevel.h").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "#define":
            found[words[1]] = words[2]
    return found["PY_MAJOR_VERSION"], found["PY_MINOR_VERSION"]


def _unpack(archive: Path, work: Path) -> None:
    """Unpacks the one directory of a source archive as `work`."""
    place = work.with_name("unpacked")
    try:
        with tarfile.open(archive, "r:*") as tar:
            if hasattr(tarfile, "data_filter"):  # absent before 3.11.4, where unpacking knows no filters; the digest vouches for the content
                tar.extraction_filter = tarfile.data_filter
            tar.extractall(place)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise PublishError(f"{archive}: cannot be unpacked: {error}") from None
    tops = list(place.iterdir())
    if len(tops) != 1 or not tops[0].is_dir():
        raise PublishError(f"{archive}: must hold exactly one directory, it holds {len(tops)} entries")
    tops[0].rename(work)
    place.rmdir()
