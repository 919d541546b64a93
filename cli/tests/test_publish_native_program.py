"""The native main and front, with a small package of the test's own in the place of the product."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from cli.publish.answers import c_string
from cli.publish.cache import Cache
from cli.publish.gate import Gate, read_allowed
from cli.publish.kind_native import build_program
from cli.publish.locking import exclusive
from cli.publish.runtime import runtime
from cli.publish.sources import read_lock
from cli.publish.targets import TARGETS
from cli.publish.tools import Tools

# One worker builds the program for all of these tests.
pytestmark = pytest.mark.xdist_group("native-program")

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
MAIN = """
from __future__ import annotations


def run(argv: list[str]) -> int:
    import posix

    word = argv[0] if argv else "nothing"
    if word == "--version":
        posix.write(1, b"1.0 \\\\ \\"quoted\\"?\\n")
        if posix.environ.get(b"CHATTY"):
            posix.write(1, b"from the interpreter\\n")
        return 0
    if word == "raise":
        from omnirelay.deep import twin
        twin.fail(argv[1])
    if word == "import":
        import no_such_module

        return no_such_module.answer
    if word == "code":
        return int(argv[1])
    if word == "wait":
        posix.write(1, b"ready")
        posix.read(0, 1)
    if word == "text":
        return "text"
    if word == "pipe":
        try:
            posix.write(1, b"x")
        except BrokenPipeError:
            return 7
        return 0
    posix.write(1, "|".join(argv).encode("utf-8", "surrogateescape"))
    return 0
"""
TWIN = '''
from __future__ import annotations


class Broken(Exception):
    """Two modules called twin tell that full names keep them apart."""


def fail(text: str) -> None:
    raise Broken(text)
'''


class Quiet:
    """Nobody listens."""

    def step(self, name: str, state: str, seconds: float = 0.0) -> None:
        """Takes no notice."""


def build(work: Path) -> Path:
    package = work / "omnirelay"
    (package / "deep").mkdir(parents=True)
    for name, text in {"__init__.py": "", "__main__.py": MAIN, "twin.py": "NAME = 'the other'\n", "deep/__init__.py": "", "deep/twin.py": TWIN}.items():
        (package / name).write_text(text)
    target = TARGETS["linux-x64"]
    tools = Tools(Gate(read_allowed()), work / "logs", CACHE)
    with exclusive(CACHE / "publish.lock", lambda: None):
        base = runtime(read_lock()["cpython"], target, Cache(CACHE), tools, Quiet())
    return build_program("test", package, base, target, tools, Quiet())


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("native"))


def run(program: Path, *arguments: bytes | str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([program, *arguments], env={}, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def test_arguments_arrive_byte_for_byte(program: Path) -> None:
    words = [b"", b"plain", "gr\u00fc\u00df \U0001f600".encode(), b"\xff\x80", b"-x=1"]
    done = run(program, b"echo", *words)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"|".join([b"echo", *words])


def test_the_same_package_gives_the_same_bytes_in_another_place(program: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "a longer path" / "to build in")
    assert again.read_bytes() == program.read_bytes()


def test_no_argument_is_an_empty_list(program: Path) -> None:
    assert run(program).stdout == b""


@pytest.mark.parametrize(("code", "expected"), [("0", 0), ("3", 3), ("255", 255), ("256", 0), ("-1", 255)])
def test_the_answer_is_the_exit_code(program: Path, code: str, expected: int) -> None:
    assert run(program, "code", code).returncode == expected


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("raise", "it broke"), b"error: internal: Broken: it broke\n"),
        (("raise", ""), b"error: internal: Broken\n"),
        (("import",), b"error: internal: ModuleNotFoundError: No module named 'no_such_module' is linked into this program\n"),
        (("text",), b"error: internal: TypeError: 'str' object cannot be interpreted as an integer\n"),
        (("code", "99999999999999999999"), b"error: internal: OverflowError: Python int too large to convert to C long\n"),
    ],
)
def test_an_exception_becomes_one_line(program: Path, arguments: tuple[str, ...], line: bytes) -> None:
    done = run(program, *arguments)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == line


def test_a_closed_pipe_is_an_error_of_the_write(program: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([program, "pipe"], env={}, stdout=writer, check=False)
    os.close(writer)
    assert done.returncode == 7


def test_a_constant_answer_is_the_packages_own(program: Path) -> None:
    assert run(program, "--version").stdout == b'1.0 \\ "quoted"?\n'
    assert run(program, "--version", "more").stdout == b'1.0 \\ "quoted"?\n'


def test_a_constant_answer_needs_no_interpreter(program: Path) -> None:
    for arguments, text in ((["--version"], b""), (["--version", "more"], b"from the interpreter\n")):
        done = subprocess.run([program, *arguments], env={"CHATTY": "1"}, capture_output=True, check=True)
        assert done.stdout == b'1.0 \\ "quoted"?\n' + text


def test_a_constant_answer_that_cannot_be_written_is_left_to_the_package(program: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([program, "--version"], env={}, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: internal: OSError")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_program_by_the_signal(program: Path, number: signal.Signals) -> None:
    with subprocess.Popen([program, "wait"], env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.read(5) == b"ready"
        process.send_signal(number)
        assert process.wait() == -number
        assert process.stderr.read() == b""


@pytest.mark.parametrize(("text", "literal"), [("a b", '"a b"'), ('"\\?\n', '"\\042\\134\\077\\012"'), ("\u00fc1", '"\\303\\2741"'), ("", '""')])
def test_c_strings_hold_every_byte(text: str, literal: str) -> None:
    assert c_string(text) == literal
