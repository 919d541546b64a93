"""Numbers as people read them: three figures, units, intervals; the same everywhere in a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Only for annotations: every process of a test run imports this module, and the record with its statistics costs it 20 ms.
    from harness.perf.record import BudgetResult, Level, Memory
    from harness.perf.stats import Estimate

MIB = 2**20


def number(value: float) -> str:
    """Three figures at most below a thousand: 0.29, 4.82, 35.7, 243."""
    size = abs(value)
    digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{value:.{digits}f}"


def milliseconds(ns: float) -> str:
    return f"{number(ns / 1e6)} ms"


def level_ms(level: Level | None) -> str:
    """Median and its interval: ``4.82 ms [4.71, 4.95]``."""
    if level is None:
        return "n/a"
    if level.low is None or level.high is None:
        return f"{milliseconds(level.median)} [too few runs]"
    return f"{milliseconds(level.median)} [{number(level.low / 1e6)}, {number(level.high / 1e6)}]"


def ratio(estimate: Estimate | None) -> str:
    """``0.74 [0.71, 0.77]``"""
    if estimate is None:
        return "n/a"
    if estimate.at95 is None:
        return f"{number(estimate.value)} [too few pairs]"
    return f"{number(estimate.value)} [{number(estimate.at95.low)}, {number(estimate.at95.high)}]"


def mebibytes(size: float) -> str:
    """Bytes in MiB, or in KiB where MiB would read 0.00."""
    return f"{number(size / 1024)} KiB" if size < MIB / 10 else f"{number(size / MIB)} MiB"


def memory(kib: float, facts: Memory) -> str:
    """Peak memory; what the kernel cannot tell from nothing is said to be so."""
    least = facts.floor_kib + facts.step_kib
    return f"under {mebibytes(least * 1024)}" if kib <= least else mebibytes(kib * 1024)


def limit(budget: BudgetResult) -> str:
    """``at most 0.9``, with its unit."""
    return f"{budget.direction.replace('-', ' ')} {budget.limit:g}{_unit(budget)}"


def budget_value(budget: BudgetResult) -> str:
    """What was measured against a limit, with its interval where there is one."""
    if budget.value is None:
        return "n/a"
    if budget.low is None or budget.high is None or budget.low == budget.high:
        return f"{number(budget.value)}{_unit(budget)}"
    return f"{number(budget.value)}{_unit(budget)} [{number(budget.low)}, {number(budget.high)}]"


def count(amount: int, one: str, many: str = "") -> str:
    """``1 case``, ``3 cases``."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


def _unit(budget: BudgetResult) -> str:
    return "" if budget.unit == "x" else f" {budget.unit}"
