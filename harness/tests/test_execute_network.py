"""``network = "none"``: enforced by the kernel, found whatever the program makes of it, and in nobody else's way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from execute_cells import Bench, open_bench

from harness.execute.capabilities import host_capabilities
from harness.model.verdict import Verdict
from harness.verbs.base import SYSCALL_FILTER

pytestmark = pytest.mark.skipif(SYSCALL_FILTER not in host_capabilities(), reason="this kernel has no filter of system calls")

OPEN = "import socket\ntry:\n    socket.socket(socket.{family}, socket.{kind})\nexcept OSError:\n    pass\nprint('quiet')"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        yield bench


def python(family: str, kind: str = "SOCK_STREAM") -> str:
    code = OPEN.format(family=family, kind=kind).replace("\n", "\\n")
    return f"exec {sys.executable} -I -S -c \"exec('{code}')\"".replace("'quiet'", "\\\\'quiet\\\\'")


STEP = '[[step]]\nrun = []\nnetwork = "none"\nstdout.equals = "quiet\\n"\n'


@pytest.mark.parametrize(("family", "kind"), [("AF_INET", "SOCK_STREAM"), ("AF_INET6", "SOCK_STREAM"), ("AF_INET", "SOCK_DGRAM")])
def test_a_program_that_opens_a_socket_is_found_though_it_hides_it(bench: Bench, family: str, kind: str) -> None:
    result = bench.one(STEP, bench.program(python(family, kind)))
    assert [finding.check for finding in result.findings] == ["network"], result
    assert bench.one(STEP.replace('network = "none"\n', ""), bench.program(python(family, kind))).verdict is Verdict.PASSED


def test_sockets_within_the_host_are_allowed(bench: Bench) -> None:
    result = bench.one(STEP, bench.program(python("AF_UNIX")))
    assert result.verdict is Verdict.PASSED, result


def test_the_program_finds_what_it_would_find_without(bench: Bench) -> None:
    script = "cat /proc/$$/environ | tr '\\0' '\\n' | sort; echo $0 $1; grep -e ^SigIgn -e ^SigBlk /proc/self/status; ls /proc/$$/fd; cat"
    step = '[[step]]\nid = "{id}"\nrun = ["x y"]\nstdin = "in"\nstdout.matches = "."\n'
    text = 'env = { LANG = "C" }\n' + step.format(id="a") + step.format(id="b") + 'network = "none"\n'
    result = bench.one(text, bench.program(script))
    plain, filtered = result.observations
    assert plain.stdout.decode().splitlines() == filtered.stdout.decode().splitlines()
    assert plain.argv == filtered.argv


def test_a_program_in_the_background_is_found_at_its_end(bench: Bench) -> None:
    text = '[[step]]\nid = "a"\nstart = []\nnetwork = "none"\n[[step]]\nid = "w"\nwait = "end"\nin = "a"\nstdout.ignore = "x"\n'
    result = bench.one(text, bench.program(python("AF_INET")))
    assert [(finding.step, finding.check) for finding in result.findings] == [("w", "network")]


def test_a_program_that_cannot_be_started_is_no_failure(bench: Bench) -> None:
    artifact = bench.program("exit 0")
    artifact.path.write_bytes(b"\x7fELF")
    result = bench.one(STEP, artifact)
    assert (result.verdict, result.findings) == (Verdict.HARNESS_ERROR, ())
    assert "Exec format error" in result.reason


def test_without_the_filter_it_is_unsupported(bench: Bench) -> None:
    result = bench.one(STEP, replace(bench.program("exit 0"), lacks=(SYSCALL_FILTER,)))
    assert (result.verdict, result.reason) == (Verdict.UNSUPPORTED, "needs syscall-filter, which toy-any declares to lack")
