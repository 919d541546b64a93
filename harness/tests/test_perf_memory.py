"""Peak memory is that of the program, whatever the size of who asks, and comes with the program's own exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.perf.build import bundled, compile_program
from harness.perf.errors import ToolError
from harness.perf.memory import Usage, launch, read_report
from harness.perf.place import Place
from harness.perf.session import ROOT
from harness.perf.weigh import counting_step_kib

CACHE = ROOT / ".cache"
MIB = 1024
TOUCHER = """#include <stdlib.h>
#include <string.h>
int main(void) {
    size_t size = 64u << 20;
    volatile char *block = malloc(size);
    if (!block) return 1;
    memset((char *)block, 1, size);
    return block[size - 1] != 1;
}
"""


@pytest.fixture(scope="module")
def launcher() -> Path:
    return compile_program(bundled("launcher"), CACHE)


def _launch(launcher: Path, argv: tuple[str, ...], folder: Path, limit: float = 60) -> Usage:
    return launch(launcher, argv, place=Place(folder, {"PATH": "/usr/bin:/bin"}), stdout=folder / "stdout", limit=limit)


def test_a_program_that_touches_64_mib_reads_64_mib_from_a_parent_of_300(launcher: Path, tmp_path: Path) -> None:
    source = tmp_path / "toucher.c"
    source.write_text(TOUCHER)
    toucher = compile_program(source, CACHE)
    ballast = bytearray(b"x" * (300 << 20))
    usage = _launch(launcher, (str(toucher),), tmp_path)
    assert len(ballast) == 300 << 20
    assert usage.exit == 0
    assert abs(usage.max_rss_kib - 64 * MIB) <= 3 * MIB


def test_the_floor_is_small(launcher: Path, tmp_path: Path) -> None:
    assert _launch(launcher, (), tmp_path).max_rss_kib <= MIB + counting_step_kib()


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143)])
def test_the_exit_status_is_passed_on(launcher: Path, tmp_path: Path, script: str, code: int) -> None:
    assert _launch(launcher, ("/bin/sh", "-c", f"echo said; {script}"), tmp_path).exit == code
    assert (tmp_path / "stdout").read_text() == "said\n"


def test_a_program_that_cannot_start_is_an_error_not_a_figure(launcher: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot start /no-such-program: No such file"):
        _launch(launcher, ("/no-such-program",), tmp_path)


def test_a_program_that_hangs_is_killed(launcher: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"took longer than 0\.2 s"):
        _launch(launcher, ("/bin/sleep", "600"), tmp_path, limit=0.2)


@given(st.binary(max_size=120))
def test_any_bytes_are_a_report_or_a_named_error(data: bytes) -> None:
    with pytest.raises(ToolError, match="launcher wrote"):
        read_report(data)


def test_a_report_with_another_key_is_refused() -> None:
    good = b'{"format":1,"max_rss_kib":1,"wall_ns":2,"user_us":3,"system_us":4,"exit":5,"signal":0}'
    assert read_report(good) == Usage(1, 2, 3, 4, 5)
    with pytest.raises(ToolError, match="other keys"):
        read_report(good.replace(b'"wall_ns"', b'"wall"'))
    with pytest.raises(ToolError, match="whole number"):
        read_report(good.replace(b":5", b":true"))


def test_a_warning_of_the_compiler_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "unused.c"
    source.write_text("int main(void) { int unused; return 0; }\n")
    with pytest.raises(ToolError, match="unused"):
        compile_program(source, CACHE)
    assert not list((CACHE / "perf").glob("unused*"))
