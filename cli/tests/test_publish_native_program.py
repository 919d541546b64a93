"""The native main and front, with a small package of the test's own in the place of the product."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit
from typing import Annotated

import pytest
import typer
from cli_interrupts import interruptible
from elftools.elf.elffile import ELFFile

from cli.declaration.marks import prints, verb
from cli.declaration.options import TextOrJson, group
from cli.generator import emit_c
from cli.generator.c_text import c_string
from cli.generator.reading import read_application
from cli.publish.cache import Cache
from cli.publish.errors import PublishError
from cli.publish.front_sources import FrontTables
from cli.publish.gate import Gate, read_allowed
from cli.publish.kind_native import build_program
from cli.publish.link import symbols_of
from cli.publish.locking import exclusive
from cli.publish.runtime import runtime
from cli.publish.sources import read_lock
from cli.publish.strip import strip, symbol_list
from cli.publish.targets import TARGETS
from cli.publish.tools import Tools

# One worker builds the program for all of these tests.
pytestmark = pytest.mark.xdist_group("native-program")

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
START = """
from __future__ import annotations


def run(path: str, values: dict) -> int:
    import posix

    words = values["words"] or ()
    word = words[0] if words else "nothing"
    if word == "whole":
        posix.write(1, repr([hasattr(posix, name) for name in words[1:]]).encode())
        return 0
    if word == "enter":
        import _full_stage

        _full_stage.enter()
        _full_stage.enter()
    if word in ("enter", "study"):
        from omnirelay.deep import library

        posix.write(1, repr(library.report(words[1:])).encode())
        if len(words) > 1:
            library.fail(words[1])
        return 0
    if word == "raise":
        from omnirelay.deep import twin
        twin.fail(words[1])
    if word == "import":
        import no_such_module

        return no_such_module.answer
    if word == "code":
        return int(words[1])
    if word == "wait":
        posix.write(1, b"ready")
        posix.read(0, 1)
    if word == "text":
        return "text"
    if word == "decode":
        try:
            return len(b"\\xff".decode("utf-8"))
        except UnicodeDecodeError:
            return 9
    if word == "pipe":
        try:
            posix.write(1, b"x")
        except BrokenPipeError:
            return 7
        return 0
    posix.write(1, repr((path, values)).encode("utf-8", "surrogateescape"))
    return 0
"""
TWIN = '''
from __future__ import annotations


class Broken(Exception):
    """Two modules called twin tell that full names keep them apart."""


def fail(text: str) -> None:
    raise Broken(text)
'''


LIBRARY = """
from __future__ import annotations

import gc
import re
import sys
import time

import posix


def report(names: tuple[str, ...]) -> dict:
    omnirelay = sys.modules["omnirelay"]
    gc.collect()
    return {
        "re": re.sub("[xy]+", "z", "axyb"),
        "idna": "bücher".encode("idna"),
        "path": (sys.path, sys.prefix, sys.path_hooks, [finder.__name__ for finder in sys.meta_path]),
        "streams": (sys.stdin and sys.stdin.encoding, sys.stdout.fileno(), sys.stderr.errors),
        "gc": gc.isenabled(),
        "spec": (type(omnirelay.__spec__).__name__, omnirelay.__spec__.loader.__name__, omnirelay.__spec__.origin),
        "whole": [hasattr(posix, name) for name in names] + [len(dir(time)) > 40, len(sys.builtin_module_names) > 40],
        "same": sys.modules["omnirelay.deep.library"].report is report,
    }


def fail(name: str) -> None:
    import_module = __import__
    import_module(name)
"""


class Quiet:
    """Nobody listens."""

    def step(self, name: str, state: str, seconds: float = 0.0) -> None:
        """Takes no notice."""


app = group("Do things.")
version = typer.Option("--version", is_eager=True, callback=prints("version"), help="Print the version.")


@app.callback()
def top(version: Annotated[bool, version] = False) -> None:
    """Do things."""


@app.command("act", short_help="Act.")
@verb("omnirelay.acting:run")
def act(
    words: Annotated[list[str] | None, typer.Argument(help="Words.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="A name.")] = None,
    mode: Annotated[TextOrJson, typer.Option("--mode", case_sensitive=False, help="A mode.")] = TextOrJson.TEXT,
    fast: Annotated[bool, typer.Option("--fast", "-f", help="Make haste.")] = False,
) -> None:
    """Act."""


@app.command("recite", short_help="Recite.")
@verb("omnirelay.acting:recite", gear="front")
def recite() -> None:
    """Recite."""


@app.command("study", short_help="Study.")
@verb("omnirelay.acting:run", gear="full")
def study(words: Annotated[list[str] | None, typer.Argument(help="Words.")] = None) -> None:
    """Study."""


ANSWERS = {"version": '1.0 \\ "quoted"?\n', "omnirelay recite": "a long text\n" * 20_000}


def build(work: Path) -> Path:
    package = work / "omnirelay"
    (package / "deep").mkdir(parents=True)
    left_out = "raise RuntimeError('nothing leads here')\n"
    for name, text in {
        "__init__.py": "", "invocation.py": START, "twin.py": left_out, "left_out.py": "not even Python", "deep/__init__.py": "", "deep/twin.py": TWIN,
        "deep/library.py": LIBRARY,
    }.items():  # fmt: skip
        (package / name).write_text(text)
    tables = work / "of_the_test.h"
    tables.write_text(emit_c.emit(read_application(app))[emit_c.FILE])
    target = TARGETS["linux-x64"]
    tools = Tools(Gate(read_allowed()), work / "logs", CACHE)
    with exclusive(CACHE / "publish.lock", lambda: None):
        base = runtime(read_lock()["cpython"], target, Cache(CACHE), tools, Quiet())
    return build_program("test", package, FrontTables(ANSWERS, tables), base, target, tools, Quiet())


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("native"))


def run(program: Path, *arguments: bytes | str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([program, *arguments], env={}, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def act_on(program: Path, *words: bytes | str) -> subprocess.CompletedProcess[bytes]:
    return run(program, "act", "--", *words)


def bound(*, words: tuple[str, ...] | None = None, name: str | None = None, mode: str = "text", fast: bool = False) -> bytes:
    return repr(("omnirelay act", {"words": words, "name": name, "mode": mode, "fast": fast})).encode("utf-8", "surrogateescape")


def test_words_arrive_byte_for_byte(program: Path) -> None:
    words = [b"", b"plain", "gr\u00fc\u00df \U0001f600".encode(), b"\xff\x80", b"-x=1"]
    done = act_on(program, b"echo", *words)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == bound(words=("echo", *(word.decode("utf-8", "surrogateescape") for word in words)))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], bound()), (["--name", ""], bound(name="")), (["--name=\u00fc=", "-f"], bound(name="\u00fc=", fast=True)), (["--mode", "JSON"], bound(mode="json")),
        (["a", "--fast", "b"], bound(words=("a", "b"), fast=True)), (["--name", b"\xc3", "--name", b"\xf0\x9f"], bound(name="\udcf0\udc9f")),
    ],
)  # fmt: skip
def test_values_are_handed_over_as_they_were_bound(program: Path, arguments: list[bytes | str], expected: bytes) -> None:
    done = run(program, "act", *arguments)
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", expected)


def test_the_same_package_gives_the_same_bytes_in_another_place(program: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "a longer path" / "to build in")
    assert again.read_bytes() == program.read_bytes()


def test_the_symbols_lie_beside_the_program_and_not_in_it(program: Path) -> None:
    with program.open("rb") as file:
        elf = ELFFile(file)
        assert (elf.num_sections(), elf.header.e_shoff) == (0, 0)
        loaded = [range(segment["p_vaddr"], segment["p_vaddr"] + segment["p_memsz"]) for segment in elf.iter_segments() if segment["p_type"] == "PT_LOAD"]
    rows = [line.split(" ", 1) for line in symbols_of(program).read_text(encoding="utf-8").splitlines()]
    addresses = [int(address, 16) for address, _ in rows]
    assert addresses == sorted(addresses)
    assert all(any(address in part for part in loaded) for address in addresses)
    assert {"main", "front_begin", "PyInit_9omnirelay__10invocation", "Py_InitializeFromConfig"} <= {name for _, name in rows}


@pytest.mark.parametrize("cut", [0, 3, 40, 200])
def test_what_is_no_whole_program_is_not_stripped(program: Path, tmp_path: Path, cut: int) -> None:
    part = tmp_path / "part"
    part.write_bytes(program.read_bytes()[:cut])
    with pytest.raises(PublishError, match=r"part: "):
        strip(part, tmp_path / "out")
    with pytest.raises(PublishError, match=r"part: |program: "):
        symbol_list(part)
    with pytest.raises(PublishError, match="has no symbols to list"):
        symbol_list(program)
    assert not (tmp_path / "out").exists()


def test_bytes_that_are_no_text_are_an_ordinary_exception(program: Path) -> None:
    assert act_on(program, "decode").returncode == 9


@pytest.mark.parametrize(("code", "expected"), [("0", 0), ("3", 3), ("255", 255), ("256", 0), ("-1", 255)])
def test_the_answer_is_the_exit_code(program: Path, code: str, expected: int) -> None:
    assert act_on(program, "code", code).returncode == expected


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("raise", "it broke"), b"error: internal: Broken: it broke\n"),
        (("raise", ""), b"error: internal: Broken\n"),
        (("import",), b"error: internal: ModuleNotFoundError: No module named 'no_such_module' is linked into this program\n"),
        (("text",), b"error: internal: TypeError: 'str' object cannot be interpreted as an integer\n"),
        (("code", "99999999999999999999"), b"error: internal: OverflowError: Python int too large to convert to C long\n"),
        (
            ("code", "9" * 4301),
            b"error: internal: ValueError: Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; "
            b"use sys.set_int_max_str_digits() to increase the limit\n",
        ),
    ],
)
def test_an_exception_becomes_one_line(program: Path, arguments: tuple[str, ...], line: bytes) -> None:
    done = act_on(program, *arguments)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == line


def test_a_closed_pipe_is_an_error_of_the_write(program: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([program, "act", "pipe"], env={}, stdout=writer, check=False)
    os.close(writer)
    assert done.returncode == 7


TOLD = [["--version"], ["--help"], ["act", "--help"], ["recite"]]
REFUSED = [[], ["act", "--nam"], ["ac"], ["act", "--mode", "loud"]]
"""Without the interpreter, on standard output and on standard error: the package of this test holds nothing that could answer them."""


@pytest.mark.parametrize("arguments", TOLD)
def test_what_the_front_tells(program: Path, arguments: list[str]) -> None:
    done = run(program, *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"\n")


@pytest.mark.parametrize("arguments", REFUSED)
def test_what_the_front_refuses(program: Path, arguments: list[str]) -> None:
    done = run(program, *arguments)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"Usage: omnirelay")


@pytest.mark.parametrize(("words", "name"), [("--version", "version"), ("recite", "omnirelay recite")])
def test_a_constant_answer_is_written_as_it_stands(program: Path, words: str, name: str) -> None:
    assert run(program, words).stdout == ANSWERS[name].encode()


def test_a_slow_reader_that_does_not_block_gets_everything(program: Path) -> None:
    """More than a pipe holds, into a pipe whose writing end is non-blocking: the program waits for room."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with subprocess.Popen([program, "recite"], env={}, stdout=writer) as process, os.fdopen(reader, "rb") as stream:
        os.close(writer)
        assert stream.read() == ANSWERS["omnirelay recite"].encode()
        assert process.wait() == 0


@pytest.mark.parametrize("arguments", [*TOLD, *REFUSED])
def test_an_answer_into_closed_pipes_ends_without_a_word(program: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert subprocess.run([program, *arguments], env={}, stdout=writer, stderr=writer, check=False).returncode == 1
    done = subprocess.run([program, *arguments], env={}, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.returncode == 1
    assert (done.stderr != b"") == (arguments in REFUSED)


@pytest.mark.parametrize("arguments", TOLD)
def test_an_answer_that_cannot_be_written_is_told(program: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([program, *arguments], env={}, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == b"error: standard output could not be written: No space left on device.\n"


@pytest.mark.parametrize("arguments", TOLD)
def test_an_answer_beyond_the_largest_file_that_is_allowed_is_told(program: Path, tmp_path: Path, arguments: list[str]) -> None:
    with (tmp_path / "out").open("wb") as out:
        done = subprocess.run(
            [program, *arguments], env={}, stdout=out, stderr=subprocess.PIPE, check=False, preexec_fn=lambda: setrlimit(RLIMIT_FSIZE, (0, 0))
        )
    assert (done.returncode, done.stderr) == (1, b"error: standard output could not be written: File too large.\n")


@pytest.mark.parametrize("arguments", REFUSED)
def test_a_refusal_that_cannot_be_written_is_a_refusal_all_the_same(program: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([program, *arguments], env={}, stdout=subprocess.PIPE, stderr=full, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_program_by_the_signal(program: Path, number: signal.Signals) -> None:
    with interruptible([program, "act", "wait"], {}) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.read(5) == b"ready"
        process.send_signal(number)
        assert process.wait(50) == -number
        assert process.stderr.read() == b""


FULL = {
    "re": "azb",
    "idna": b"xn--bcher-kva",
    "path": ([], "", [], ["BuiltinImporter", "FrozenImporter"]),
    "streams": ("utf-8", 1, "backslashreplace"),
    "gc": True,
    "spec": ("ModuleSpec", "BuiltinImporter", "built-in"),
    "same": True,
}
"""What code finds in the full stage."""


def test_the_core_stage_has_no_library_and_only_what_is_named(program: Path) -> None:
    assert act_on(program, "whole", "write", "nice", "O_TMPFILE").stdout == b"[True, False, False]"
    done = act_on(program, "study")
    assert (done.returncode, done.stderr) == (1, b"error: internal: ModuleNotFoundError: No module named 're' is linked into this program\n")


@pytest.mark.parametrize("arguments", [("act", "enter"), ("study", "study")], ids=["on demand", "by the gear of the verb"])
def test_the_full_stage_has_the_library_and_whole_modules(program: Path, arguments: tuple[str, ...]) -> None:
    done = run(program, *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    assert ast.literal_eval(done.stdout.decode()) == {**FULL, "whole": [True, True]}


def test_the_full_stage_starts_with_a_directory_for_its_input(program: Path, tmp_path: Path) -> None:
    """The interpreter's own start refuses it, but the core stage does not care, so neither may the full one."""
    place = os.open(tmp_path, os.O_RDONLY)
    done = subprocess.run([program, "act", "enter"], env={}, stdin=place, capture_output=True, check=False)
    os.close(place)
    assert ast.literal_eval(done.stdout.decode()) == {**FULL, "streams": (None, 1, "backslashreplace"), "whole": [True, True]}


def test_the_full_stage_searches_nothing(program: Path, tmp_path: Path) -> None:
    """What lies in the current directory is not looked at, and the last word of a failure is one line, as in the core stage."""
    for name in ("nice.py", "pyvenv.cfg", "pybuilddir.txt"):
        (tmp_path / name).write_text("home = /\nraise SystemExit(9)\n")
    done = subprocess.run([program, "act", "enter", "nice"], env={"PYTHONPATH": "."}, cwd=tmp_path, capture_output=True, check=False)
    assert ast.literal_eval(done.stdout.decode()) == {**FULL, "whole": [True, True, True]}
    assert (done.returncode, done.stderr) == (1, b"error: internal: ModuleNotFoundError: No module named 'nice'\n")


@pytest.mark.parametrize(("text", "literal"), [("a b", '"a b"'), ('"\\?\n', '"\\042\\134\\077\\012"'), ("\u00fc1", '"\\303\\2741"'), ("", '""')])
def test_c_strings_hold_every_byte(text: str, literal: str) -> None:
    assert c_string(text) == literal
