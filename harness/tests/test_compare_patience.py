"""No pattern can hold a run up: one that takes too long is a fault of the harness that names it, wherever the pattern stands."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute_cells import Bench, open_bench

from harness.compare import patience
from harness.faults import PatternFault
from harness.model.verdict import Verdict

SLOW = r"^(a+)+$"
TEXT = "a" * 60 + "!"
"""Takes some thousand years."""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(patience, "SECONDS", 0.1)
    with open_bench(tmp_path) as bench:
        yield bench


@pytest.mark.parametrize(
    "says",
    [
        f"stdout.matches = '{SLOW}'",
        f"stdout.ignore = 'x'\ncapture.a = {{ matches = '{SLOW}' }}",
        f"stdout.ignore = 'x'\ngather.a = {{ matches = '{SLOW}' }}",
        f"stdout.json.check = [{{ path = '$', matches = '{SLOW}' }}]",
        f"stdout.equals = 'x'\nretry = {{ times = 2, matches = '{SLOW}', issue = 'x' }}",
    ],
    ids=["matches", "capture", "gather", "check", "retry"],
)
def test_a_pattern_that_takes_too_long_is_named(bench: Bench, says: str) -> None:
    result = bench.one(f"[[step]]\nrun = []\n{says}\n", bench.program(f"echo '\"{TEXT}\"'" if "json" in says else f"echo '{TEXT}'"))
    assert result.verdict is Verdict.HARNESS_ERROR
    assert result.reason.startswith(f"the pattern {SLOW!r} takes more than 0.1 s of processor time") and "repetition" in result.reason


def test_a_pattern_of_the_screen_is_named_too(bench: Bench) -> None:
    text = f'[[step]]\nid = "s"\nstart = []\nterminal = "80x24"\n[[step]]\ntype = [{{ match = \'{SLOW}\' }}]\nin = "s"\nscreen.ignore = "x"\n'
    result = bench.one(text, bench.program(f"echo '{TEXT}'; exec sleep 60"))
    assert result.verdict is Verdict.HARNESS_ERROR and result.reason.startswith("the pattern ")


def test_what_is_found_in_time_leaves_no_timer() -> None:
    pattern = re.compile("b")
    before = signal.getsignal(signal.SIGVTALRM)
    assert patience.search(pattern, "abc") is not None and patience.search(pattern, "ac") is None
    assert [match.start() for match in patience.search_all(pattern, "abcb")] == [1, 3]
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0) and signal.getsignal(signal.SIGVTALRM) is before


def test_it_also_searches_where_nobody_hears_a_signal() -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(patience.search(re.compile("b"), "abc")))
    thread.start()
    thread.join()
    assert len(found) == 1 and found[0] is not None


def test_the_limit_is_processor_time_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SECONDS", 0.05)
    with pytest.raises(PatternFault):
        patience.search(re.compile(SLOW), TEXT)
