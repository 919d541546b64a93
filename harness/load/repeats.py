"""``repeat``: the same run several times, or one run for each value of a capture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.compare.kinds.registry import kind_of
from harness.load.limits import REPEATS, WORKERS
from harness.load.names import Names
from harness.load.node import Node, nearest
from harness.load.shapes import REPEAT
from harness.model.step import Repeat, Step
from harness.model.template import Template

_OF_TIMES = ("times", "workers", "warmup")
_OF_FOLLOW = ("follow", "add", "max")


def bind_repeat(node: Node | None, captures: Node | None, names: Names) -> Repeat | None:
    """The repetition, or None after every mistake was reported. ``captures`` is the table of the same step."""
    keys = node.table(REPEAT) if node is not None else None
    if node is None or keys is None:
        return None
    if "times" in keys and "follow" in keys:
        keys["follow"].report("H2308", "a repeat has either times or follow", "leave one out", at_key=True)
        return None
    if "times" in keys:
        return _bind_times(keys)
    if "follow" in keys:
        return _bind_follow(node, keys, captures, names)
    if not isinstance(node.value, dict) or not node.value.keys() - REPEAT.keys.keys():  # an unknown word was already refused
        node.report(
            "H2101", 'repeat has neither "times" nor "follow"', "times: the same run so often; follow: one run for each value of a capture", at_key=True
        )
    return None


def _bind_times(keys: Mapping[str, Node]) -> Repeat | None:
    _refuse(keys, _OF_FOLLOW, "times")
    times = keys["times"].integer(2, REPEATS)
    workers = keys["workers"].integer(2, WORKERS) if "workers" in keys else 1
    warmup = keys["warmup"].integer(1, REPEATS) if "warmup" in keys else 0
    return None if times is None or workers is None or warmup is None else Repeat(times, workers, warmup)


def _bind_follow(node: Node, keys: Mapping[str, Node], captures: Node | None, names: Names) -> Repeat | None:
    _refuse(keys, _OF_TIMES, "follow")
    if "max" not in keys:
        node.report("H2101", 'repeat with follow has no "max"', "how many rounds there may be at most", at_key=True)
    most = keys["max"].integer(2, REPEATS) if "max" in keys else None
    written = keys["follow"].text()
    own = list(captures.value) if captures is not None and isinstance(captures.value, dict) else []
    if written is not None and written not in own:
        meant = nearest(written, own)
        hint = f'did you mean "{meant}"?' if meant else f"write capture.{written} = {{ … }}"
        keys["follow"].report("H2203", f'the step captures no "{written}"', hint)
        return None
    bound: tuple[Template | None, ...] = ()
    if "add" in keys and written is not None:
        inside = replace(names, captures=names.captures | {written})
        bound = tuple(item.argument(inside) for item in keys["add"].items() or ())
    add = tuple(item for item in bound if item is not None)
    return None if written is None or most is None or len(add) != len(bound) else Repeat(most, follow=names.full(written), add=add)


def _refuse(keys: Mapping[str, Node], names: tuple[str, ...], beside: str) -> None:
    for name in names:
        if name in keys:
            keys[name].report("H2324", f'"{name}" means nothing beside "{beside}"', "leave it out", at_key=True)


def check_follow(step: Step, keys: Mapping[str, Node]) -> None:
    """Every round has an output of its own, and there is one golden."""
    if step.repeat is None or not step.repeat.follow:
        return
    for stream in (step.stdout, step.stderr):
        if any(kind_of(assertion).golden(assertion) for assertion in stream.assertions):
            keys[stream.stream].report(
                "H2324", f"{stream.stream} has one golden, and every round prints something else", "gather what the rounds bring", at_key=True
            )
