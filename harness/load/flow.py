"""``gather``, ``gather-check`` and ``retry``: what is collected over the runs of a step, and which failures are tried again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness.compare.gathered import CHECKS
from harness.compare.jsonpath import parse_path
from harness.compare.patterns import bind_pattern
from harness.load.expectations import claim_name
from harness.load.limits import RETRIES
from harness.load.names import Names
from harness.load.node import Node, known_here, nearest
from harness.load.shapes import GATHER, GATHER_CHECK, RETRY
from harness.model.flow import Gather, GatherCheck, Retry

_STREAMS: Final = ("stdout", "stderr")


def bind_gathers(node: Node | None, names: Names, taken: set[str]) -> tuple[Gather, ...]:
    """What one step gathers; the names are added to those taken."""
    gathers: list[Gather] = []
    for name, item in ((node.free_table() if node is not None else None) or {}).items():
        keys = item.table(GATHER, f'gather "{name[:60]}"')
        if item.word() is None or keys is None:
            continue
        claim_name(item, name, names, taken)
        gather = _bind_gather(item, names.full(name), keys)
        if gather is not None:
            gathers.append(gather)
    return tuple(gathers)


def _bind_gather(node: Node, name: str, keys: Mapping[str, Node]) -> Gather | None:
    if ("json" in keys) == ("matches" in keys):
        node.report("H2308", f'gather "{node.key}" needs exactly one source', "json or matches; both may name the stream")
        return None
    json = keys["json"].text() if "json" in keys else None
    if json is not None and isinstance(offset := parse_path(json), int):
        keys["json"].report("H2402", f'"{json[:80]}" is not a path: stopped at character {offset + 1}', "such as $.items[*].shardId")
    pattern = bind_pattern(keys["matches"], Names(), groups=1) if "matches" in keys else None
    return Gather(
        name,
        node.position,
        json=json,
        matches=None if pattern is None else pattern.literal,
        stream=keys["stream"].choice(_STREAMS) if "stream" in keys else None,
    )


def bind_gather_checks(node: Node | None, names: Names, gathers: tuple[Gather, ...]) -> tuple[GatherCheck, ...]:
    """What must hold of the lists that the same step gathers."""
    own = [gather.name.removeprefix(names.prefix) for gather in gathers]
    bound = [_bind_check(item, names, own) for item in ((node.items() if node is not None else None) or ())]
    return tuple(check for check in bound if check is not None)


def _bind_check(node: Node, names: Names, own: list[str]) -> GatherCheck | None:
    keys = node.table(GATHER_CHECK)
    if keys is None or "name" not in keys:
        return None
    place = keys.pop("name")
    name = place.text()
    if name is not None and name not in own:
        meant = nearest(name, own)
        place.report(
            "H2203", f'this step gathers no "{name[:60]}"', f'did you mean "{meant}"?' if meant else known_here(own) if own else "add gather.NAME to the step"
        )
    if len(keys) != 1:
        listed = ", ".join(CHECKS)
        node.report("H2308", f"a check of a gathered list needs exactly one predicate, this one has {len(keys) or 'none'}", f"one of {listed}")
        return None
    ((predicate, value),) = keys.items()
    wanted = CHECKS[predicate].bind(value, names)
    return None if name is None or wanted is None else GatherCheck(names.full(name), node.position, predicate, wanted)


def bind_retry(node: Node | None) -> Retry | None:
    keys = node.table(RETRY) if node is not None else None
    if node is None or keys is None or len(keys) < len(RETRY.keys):
        return None
    times, issue = keys["times"].integer(2, RETRIES), keys["issue"].text()
    pattern = bind_pattern(keys["matches"], Names())
    if pattern is None or pattern.literal is None or times is None or issue is None:
        return None
    if re.search(pattern.literal, "", re.MULTILINE):
        keys["matches"].report("H2311", "this signature matches everything", "write the text by which the known failure is told from any other")
        return None
    return Retry(times, pattern.literal, issue, node.position)
