"""Regular expressions of scenarios: checked when the file is loaded; inserted values are matched literally."""

from __future__ import annotations

import re

from harness.compare.base import CheckContext
from harness.load.names import Names
from harness.load.node import Node
from harness.model.template import Reference, Template


def bind_pattern(node: Node, names: Names, *, groups: int = 0) -> Template | None:
    """A pattern that compiles and has at least ``groups`` groups."""
    template = node.template(names, empty=False)
    if template is None:
        return None
    try:
        compiled = re.compile("".join(part if isinstance(part, str) else "x" for part in template.parts))
    except (re.error, OverflowError, RecursionError) as error:
        node.report("H2401", f"not a regular expression: {error}", "the pattern language is Python's re")
        return None
    if compiled.groups < groups:
        node.report("H2401", "the pattern has no group to take a value from", "put (…) around what is wanted")
        return None
    return template


def compile_pattern(template: Template, context: CheckContext) -> re.Pattern[str]:
    """The pattern with inserted values escaped; ``^`` and ``$`` match at line ends."""
    parts = (part if isinstance(part, str) else re.escape(_inserted(part, context)) for part in template.parts)
    return re.compile("".join(parts), re.MULTILINE)


def _inserted(reference: Reference, context: CheckContext) -> str:
    return context.resolve(Template("", (reference,)))
