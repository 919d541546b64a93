"""Classes of the package as extension types: a C struct and a static table instead of a class that is built anew at every start.

Making an ordinary class costs about 90,000 instructions, and `mesh peers list` makes over twenty of them; an extension type costs a third. The
sources stay plain Python: what they already say (`__slots__`, the attributes that an exception sets of itself) is written into a `.pxd` file
beside each translated module, which is how Cython is told.
"""

from __future__ import annotations

import ast
from pathlib import Path

BASES = frozenset({"Exception"})


def declare(source: Path) -> bool:
    """Writes `<module>.pxd` for the classes of a module that can be extension types; False when there is none."""
    known = set(BASES)
    blocks: list[str] = []
    for node in ast.parse(source.read_bytes()).body:
        if isinstance(node, ast.ClassDef):
            block = _block(node, known)
            if block:
                known.add(node.name)
                blocks.append(block)
    if blocks:
        source.with_suffix(".pxd").write_text("\n".join(blocks), encoding="utf-8")
    return bool(blocks)


def _block(node: ast.ClassDef, known: set[str]) -> str:
    """The declaration of one class, or nothing when its attributes are not known for certain."""
    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
    if len(bases) != len(node.bases) or len(bases) > 1 or node.keywords or node.decorator_list or not set(bases) <= known:
        return ""
    slots = _slots(node)
    if slots is None and not bases:
        return ""
    attributes = slots if slots is not None else _own(node)
    # An exception says nothing of its attributes, so the ones that it sets of itself count; what its class body sets is no field.
    head = f"cdef class {node.name}({bases[0]}):" if bases else f"cdef class {node.name}:"
    fields = [f"    cdef public object {name}" for name in attributes] or ["    pass"]
    return "\n".join([head, *fields, ""])


def _slots(node: ast.ClassDef) -> tuple[str, ...] | None:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and statement.targets[0].id == "__slots__":
            return tuple(ast.literal_eval(statement.value))
    return None


def _own(node: ast.ClassDef) -> tuple[str, ...]:
    """Attributes that the methods of a class assign to `self`, sorted."""
    found = {
        target.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Assign | ast.AnnAssign | ast.AugAssign)
        for target in (inner.targets if isinstance(inner, ast.Assign) else [inner.target])
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    }
    return tuple(sorted(found))
