"""Calls become steps: what a procedure is given, what stands in its place, and where that has to end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from harness.load.limits import CALLS, EXPANDED_STEPS
from harness.load.names import Names
from harness.load.node import Node, known_here, nearest
from harness.load.procedures import Known, Procedure
from harness.model.position import Position
from harness.model.template import Template
from harness.verbs.call import CallSpec


@dataclass(slots=True)
class Taken:
    """Names that the steps bound so far have taken, over all lists of a file and the procedures that they call. All of them are full names."""

    ids: dict[str, None] = field(default_factory=dict)
    captures: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    programs: dict[str, bool] = field(default_factory=dict)
    """Steps that start a program, and whether it has a terminal."""
    too_many: bool = False
    """Whether the expansion was stopped because it led to too many steps, which is told once."""
    broken: set[str] = field(default_factory=set)
    """Calls that could not be expanded."""
    arguments: dict[str, object] = field(default_factory=dict)
    """What each call gives its procedure, as value trees in the names of the caller."""
    changed: str = ""
    """The first step after which the world is not as it was."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a list of steps stands: what it may call, and the calls that lead to it, outermost first."""

    known: Known = field(default_factory=Known)
    chain: tuple[Procedure, ...] = ()
    calls: tuple[Position, ...] = ()
    always: bool = False
    """Whether these are ``[[finally]]`` steps, or called from one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A call that can be bound: its steps, and the names and surroundings that they have."""

    steps: Node
    names: Names
    surroundings: Surroundings
    trail: str


def enter(node: Node, spec: CallSpec, identity: str, names: Names, around: Surroundings, taken: Taken) -> Entry | None:
    """What a call leads to, or None after every mistake in it was reported."""
    procedure = _find(spec, around)
    if procedure is None or not _ends(spec, procedure, around, taken):
        return None
    arguments = _arguments(node, spec, procedure, names)
    if arguments is None:
        return None
    prefix = f"{identity}."
    taken.arguments.update({f"{prefix}{name}": tree for name, (tree, _) in arguments.items()})
    document = procedure.document.reader({name: tree for name, (tree, _) in arguments.items()}, node.document.sources)
    inner = replace(
        names,
        arguments={name: values for name, (_, values) in arguments.items()},
        prefix=prefix,
        folders=(document.path.parent, *names.folders[1:]),
    )
    surroundings = Surroundings(procedure.known, (*around.chain, procedure), (*around.calls, node.position), around.always)
    return Entry(replace(procedure.steps, document=document), inner, surroundings, f"called from {node.position}")


def _find(spec: CallSpec, around: Surroundings) -> Procedure | None:
    procedure = around.known.procedures.get(spec.procedure)
    if procedure is None and spec.procedure.partition(".")[0] not in around.known.failed:
        known = sorted(around.known.procedures)
        meant = nearest(spec.procedure, known)
        hint = f'did you mean "{meant}"?' if meant else known_here(known) if known else "include a file that has it, or write [procedure.NAME]"
        spec.name.report("H2502", f'there is no procedure "{spec.procedure[:80]}"', hint)
    return procedure


def _ends(spec: CallSpec, procedure: Procedure, around: Surroundings, taken: Taken) -> bool:
    """Whether the expansion comes to an end, and to a reasonable one."""
    running = [item.identity for item in around.chain]
    if procedure.identity in running:
        names = " → ".join(f'"{item.name}"' for item in (*around.chain[running.index(procedure.identity) :], procedure))
        spec.name.report("H2503", f"a procedure calls itself: {names}", "a call is expanded when the file is loaded; use until or repeat for iteration")
    elif len(around.chain) >= CALLS:
        spec.name.report("H2504", f"calls are nested deeper than {CALLS}", "call the inner procedures one after the other")
    elif len(taken.ids) > EXPANDED_STEPS:
        if not taken.too_many:
            spec.name.report("H2306", f"more than {EXPANDED_STEPS} steps after all calls are expanded", "divide the file, or use repeat")
        taken.too_many = True
    else:
        return True
    return False


def _arguments(node: Node, spec: CallSpec, procedure: Procedure, names: Names) -> dict[str, tuple[object, tuple[object, ...]]] | None:
    """For each parameter its value tree and what it stands for in each case."""
    good = True
    for name, item in spec.arguments.items():
        if name not in procedure.parameters:
            meant = nearest(name, procedure.parameters)
            hint = f'did you mean "{meant}"?' if meant else known_here(procedure.parameters) if procedure.parameters else "it takes none"
            item.report("H2107", f'procedure "{spec.procedure}" has no parameter "{name[:60]}"', hint, at_key=True)
            good = False
    for name in procedure.required:
        if name not in spec.arguments:
            node.report("H2101", f'this call of "{spec.procedure}" has no "{name}"', "every parameter without a default needs a value", at_key=True)
            good = False
    if not good:
        return None
    found: dict[str, tuple[object, tuple[object, ...]]] = {}
    for name in procedure.parameters:
        given = spec.arguments.get(name)
        before = len(node.document.diagnostics)
        tree = given.value_tree(names) if given is not None else procedure.defaults[name]
        good = good and (given is None or len(node.document.diagnostics) == before)
        found[name] = (tree, _values(tree, names))
    return found if good else None


def _values(tree: object, names: Names) -> tuple[object, ...]:
    if isinstance(tree, Template):
        return names.values_of(tree)
    return (tree,)
