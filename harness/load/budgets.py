"""``budget`` and ``report``: what a step may cost, as a table of limits for each kind of artifact.

A limit of time is a duration, or a multiple of what a reference program takes in the same session (``"40 x hello"``), which means the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from harness.load.node import Node, nearest
from harness.load.shape import TEXT, Key, Shape
from harness.model.budget import KINDS, LAST_RELEASE, PEAK, REFERENCES, WALL, Budget, Growth, Leaks, Limit

_NUMBER: Final = r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,6})?)"
_TIME: Final = re.compile(rf"{_NUMBER}(?P<unit>ms|s|m|h)")
_MULTIPLE: Final = re.compile(rf"{_NUMBER} x (?P<reference>[a-z][a-z0-9-]*)")
_SIZE: Final = re.compile(rf"{_NUMBER}(?P<unit>KiB|MiB|GiB)")
_GROWTH: Final = re.compile(rf"\+{_NUMBER}%")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES: Final = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_LONGEST: Final = 86_400.0
_LARGEST: Final = 2.0**40
_FACTOR: Final = 1_000_000.0
_PERCENT: Final = 1_000.0
_LEAKS: Final = 1_000
_HEADING: Final = 60

_TIME_LIMIT: Final = {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h| x [a-z][a-z0-9-]*)$"}
_SIZE_LIMIT: Final = {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,6})?(KiB|MiB|GiB)$"}
_GROWTH_LIMIT: Final = {"type": "string", "pattern": r"^\+[0-9]{1,9}(\.[0-9]{1,6})?%$"}
_LEAK: Final = {"type": "integer", "minimum": 0, "maximum": _LEAKS}
_KIND_ALIASES: Final = {"wheel": "jit", "pure": "jit", "bundle": "frozen", "aot": "native"}
_OF_WALL: Final = {
    "min": "what the fastest run may take",
    "p50": "what half of the runs keep to",
    "p95": "what 95 runs in 100 keep to",
    "p99": "what 99 runs in 100 keep to; needs some hundred runs",
    "max": "what the slowest run may take",
}


def _kinds(title: str, schema: Mapping[str, object]) -> Shape:
    return Shape(title, {kind: Key(schema, f"the limit of {kind} artifacts") for kind in KINDS}, aliases=_KIND_ALIASES)


_TIMES: Final = _kinds("a limit of time", _TIME_LIMIT)
_SIZES: Final = _kinds("a limit of memory", _SIZE_LIMIT)
_WALL: Final = Shape(
    "budget.wall",
    {name: Key(_TIMES.schema(), doc) for name, doc in _OF_WALL.items()},
    aliases={"median": "p50", "p90": "p95", "minimum": "min", "maximum": "max", "mean": "p50", "average": "p50"},
)
_RSS: Final = Shape("budget.rss", {"max": Key(_SIZES.schema(), "what the largest resident set of any run may be")}, aliases={"peak": "max", "maximum": "max"})
_LEAKS_TABLE: Final = Shape(
    "budget.leaks",
    {
        "processes": Key(_LEAK, "how many processes of a run may outlive it; none when absent"),
        "temp-files": Key(_LEAK, "how many files a run may leave in TMPDIR; none when absent"),
    },
    aliases={"orphans": "processes", "files": "temp-files", "temporary": "temp-files", "tmp": "temp-files"},
)
_GROWING: Final = tuple(name for name, fraction in WALL.items() if 0 < fraction < 1)
"""The fastest and the slowest run of two releases differ by chance alone, so they are not held against each other."""
_BASELINE_WALL: Final = Shape(
    "budget.baseline.wall",
    {name: Key(_GROWTH_LIMIT, f"how much {name} may grow") for name in _GROWING},
    aliases={"min": "p50", "median": "p50", "max": "p99"},
)
_BASELINE_RSS: Final = Shape("budget.baseline.rss", {"max": Key(_GROWTH_LIMIT, "how much the largest resident set may grow")})
_BASELINE: Final = Shape(
    "budget.baseline",
    {
        "against": Key({"enum": [LAST_RELEASE]}, "what is held against: the artifacts that the timing session is given with --baseline", required=True),
        "wall": Key(_BASELINE_WALL.schema(), "how much the time of a run may grow"),
        "rss": Key(_BASELINE_RSS.schema(), "how much its memory may grow"),
    },
)
BUDGET: Final = Shape(
    "budget",
    {
        "wall": Key(_WALL.schema(), "limits on the time of a run"),
        "rss": Key(_RSS.schema(), "limits on the memory of a run"),
        "leaks": Key(_LEAKS_TABLE.schema(), "the most that a run may leave behind"),
        "baseline": Key(_BASELINE.schema(), "limits on growth since the last release"),
    },
    aliases={"time": "wall", "duration": "wall", "latency": "wall", "memory": "rss", "leak": "leaks", "growth": "baseline"},
)
BUDGET_KEYS: Final = {
    "budget": Key(BUDGET.schema(), "what a run may cost, for each kind of artifact; the step is timed by conformance time, never while scenarios run"),
    "report": Key(TEXT, "the heading under which the report shows the timed step"),
}


@dataclass(frozen=True, slots=True)
class _Unit:
    """How a limit of one quantity is written."""

    read: Callable[[str], tuple[float, str] | None]
    hint: str


def bind_budget(node: Node | None, report: Node | None) -> Budget | None:
    """What the step may cost, or None when it says nothing of it."""
    if node is None:
        if report is not None:
            report.report(
                "H2101", 'a step with "report" has no "budget"', "the heading is for steps that are timed: add budget.wall or budget.rss", at_key=True
            )
        return None
    keys = node.table(BUDGET)
    if keys is None:
        return None
    if not keys and not node.value:
        node.report("H2108", "budget limits nothing", "add wall, rss, leaks or baseline, or leave it out", at_key=True)
    budget = Budget(
        limits=(*_bind_wall(keys.get("wall")), *_bind_rss(keys.get("rss"))),
        growths=_bind_baseline(keys.get("baseline")),
        leaks=_bind_leaks(keys.get("leaks")),
        heading=_bind_heading(report) if report is not None else "",
    )
    timed = any(name in keys for name in ("wall", "rss", "baseline"))
    if report is not None and not timed:
        report.report(
            "H2101", 'a step with "report" has no limit of time or memory', "only steps that are timed are shown: add budget.wall or budget.rss", at_key=True
        )
    if timed and budget.leaks:
        hint = "what runs leave behind would disturb those that are timed after them; keep one of the two"
        keys["leaks"].report("H2330", "a step that may leave something behind cannot be timed", hint, at_key=True)
    return budget


def _bind_heading(node: Node) -> str:
    text = node.text()
    if text is not None and (len(text) > _HEADING or not text.isprintable() or text != text.strip()):
        node.report("H2103", f'"{node.key}" must be one line of at most {_HEADING} characters', 'such as "Listing peers"')
        return ""
    return text or ""


def _bind_wall(node: Node | None) -> tuple[Limit, ...]:
    found: list[Limit] = []
    keys = _filled(node, _WALL)
    for name in WALL:
        for item, limit in _bind_limits(keys.get(name), _TIMES, f"wall.{name}", _TIME_UNIT):
            lower = next((other for other in reversed(found) if _comparable(other, limit) and other.amount > limit.amount), None)
            if lower is not None:
                below = lower.quantity.removeprefix("wall.")
                hint = f"{name} is never less than {below}: raise the one, or lower the other"
                item.report("H2331", f"the limit of {name} for {limit.kind} is below that of {below}", hint)
            found.append(limit)
    return tuple(found)


def _comparable(one: Limit, other: Limit) -> bool:
    return (one.kind, one.reference) == (other.kind, other.reference)


def _bind_rss(node: Node | None) -> tuple[Limit, ...]:
    return tuple(limit for _, limit in _bind_limits(_filled(node, _RSS).get("max"), _SIZES, PEAK, _SIZE_UNIT))


def _bind_limits(node: Node | None, shape: Shape, quantity: str, unit: _Unit) -> list[tuple[Node, Limit]]:
    if node is not None and not isinstance(node.value, dict):
        node.report("H2102", f'"{node.key}" must be a table of limits by kind', f"write {{ native = … }}; the kinds are {', '.join(KINDS)}")
        return []
    found = []
    for kind, item in _filled(node, shape).items():
        read = _read(item, unit)
        if read is not None:
            found.append((item, Limit(quantity, kind, *read)))
    return found


def _bind_baseline(node: Node | None) -> tuple[Growth, ...]:
    keys = _filled(node, _BASELINE)
    if node is None or not keys:
        return ()
    if "against" in keys:
        keys["against"].choice((LAST_RELEASE,))
    if not keys.keys() - {"against"}:
        node.report("H2108", "budget.baseline limits nothing", 'add wall.p50 = "+5%" or rss.max = "+10%"', at_key=True)
    wall = [(f"wall.{name}", item) for name, item in _filled(keys.get("wall"), _BASELINE_WALL).items()]
    peak = [(PEAK, item) for item in _filled(keys.get("rss"), _BASELINE_RSS).values()]
    read = [(quantity, _read(item, _GROWTH_UNIT)) for quantity, item in (*wall, *peak)]
    return tuple(Growth(quantity, 1 + found[0] / 100) for quantity, found in read if found is not None)


def _bind_leaks(node: Node | None) -> Leaks:
    keys = _filled(node, _LEAKS_TABLE)
    processes, temporary = (keys[name].integer(0, _LEAKS) if name in keys else 0 for name in ("processes", "temp-files"))
    return Leaks(processes or 0, temporary or 0)


def _filled(node: Node | None, shape: Shape) -> dict[str, Node]:
    """The children of a table that must have some."""
    keys = node.table(shape) if node is not None else None
    if node is not None and keys is not None and not node.value:
        node.report("H2108", f'"{node.key}" limits nothing', f"one of {', '.join(shape.keys)}", at_key=True)
    return keys or {}


def _read(node: Node, unit: _Unit) -> tuple[float, str] | None:
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        node.report("H2332", f'"{node.key}" has no unit', unit.hint)
        return None
    text = node.text()
    if text is None:
        return None
    meant = _MULTIPLE.fullmatch(text) if unit is _TIME_UNIT else None
    if meant is not None and meant["reference"] not in REFERENCES:
        near = nearest(meant["reference"], REFERENCES)
        node.report(
            "H2332", f'no reference program is called "{meant["reference"][:30]}"', f'did you mean "{near}"?' if near else f"there is {', '.join(REFERENCES)}"
        )
        return None
    found = unit.read(text)
    if found is None:
        node.report("H2332", f'"{text[:40]}" cannot be the limit of "{node.key}"', unit.hint)
    return found


def _time(text: str) -> tuple[float, str] | None:
    if match := _TIME.fullmatch(text):
        seconds = float(match["number"]) * _SECONDS[match["unit"]]
        return (seconds, "") if 0 < seconds <= _LONGEST else None
    match = _MULTIPLE.fullmatch(text)
    if match is None or not 0 < float(match["number"]) <= _FACTOR:
        return None
    return float(match["number"]), match["reference"]


def _size(text: str) -> tuple[float, str] | None:
    match = _SIZE.fullmatch(text)
    size = float(match["number"]) * _BYTES[match["unit"]] if match else 0.0
    return (size, "") if 0 < size <= _LARGEST else None


def _growth(text: str) -> tuple[float, str] | None:
    match = _GROWTH.fullmatch(text)
    return (float(match["number"]), "") if match and float(match["number"]) <= _PERCENT else None


_TIME_UNIT: Final = _Unit(_time, 'a duration above 0 and up to 24h such as "20ms", or a multiple of a reference program such as "40 x hello"')
_SIZE_UNIT: Final = _Unit(_size, 'a size above 0 and up to 1024GiB in KiB, MiB or GiB, such as "64MiB"')
_GROWTH_UNIT: Final = _Unit(_growth, 'from "+0%" to "+1000%", such as "+5%"')
