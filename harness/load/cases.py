"""``[[case]]``: rows with an id and free columns, the same columns in every row."""

from __future__ import annotations

from collections.abc import Sequence

from harness.load.limits import CASES
from harness.load.names import Names
from harness.load.node import Node
from harness.model.scenario import Case


def bind_cases(node: Node | None, names: Names) -> tuple[Case, ...]:
    """The cases in the order of the file; one without a name when the file has no table. Columns may use servers and the sandbox."""
    if node is None:
        return (Case(""),)
    items = node.items(hint="write [[case]] above each row")
    if items is None:
        return ()
    if len(items) > CASES:
        items[CASES].report("H2306", f"{len(items)} cases; a file holds at most {CASES}", "divide the file")
        return ()
    cases = [case for item in items if (case := _bind_case(item, names)) is not None]
    _same_columns(node, items)
    _unique(items)
    return tuple(cases)


def columns_of(cases: Sequence[Case]) -> dict[str, tuple[object, ...]]:
    """Every column with its values over the cases."""
    names = dict.fromkeys(name for case in cases for name in case.columns)
    return {name: tuple(case.columns[name] for case in cases if name in case.columns) for name in names}


def _bind_case(node: Node, names: Names) -> Case | None:
    columns = node.free_table()
    if columns is None:
        return None
    if "id" not in columns:
        node.report("H2101", '[[case]] has no "id"', "it names the row in results and goldens", at_key=True)
        return None
    name = columns.pop("id").identifier()
    values = {column: item.value_tree(names) for column, item in columns.items() if item.word() is not None}
    return None if name is None else Case(name, values, node.position)


def _same_columns(node: Node, items: Sequence[Node]) -> None:
    rows = [(item, item.value) for item in items if isinstance(item.value, dict)]
    everything = dict.fromkeys(name for _, row in rows for name in row if name != "id")
    for item, row in rows:
        missing = [name for name in everything if name not in row]
        if missing:
            listed = ", ".join(f'"{name}"' for name in missing)
            item.report("H2305", f'case "{row.get("id", "?")}" has no {listed}, other cases have', "every case has the same columns", at_key=True)


def _unique(items: Sequence[Node]) -> None:
    seen: set[object] = set()
    for item in items:
        name = item.value.get("id") if isinstance(item.value, dict) else None
        if isinstance(name, str):
            if name in seen:
                item.child("id", name).report("H2110", f'case "{name}" stands twice', "rename one of them")
            seen.add(name)
