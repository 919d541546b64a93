"""`omnirelay explain -- ARGS…`: what an argument vector means, without doing it.

The text has one fact a line and no layout that depends on a terminal, so that every build prints the same bytes.
"""

from __future__ import annotations

from omnirelay import grammar
from omnirelay._generated import registry
from omnirelay.parse_trace import Trace, label
from omnirelay.render.safe_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omnirelay.grammar import Value
    from omnirelay.session import Session

FRONT = "front"
"""The gear of everything that ends without a command function: the native program answers it before its interpreter exists."""

_EXIT_CODES = {"refused": 1, "bare": 1, "help": 0, "version": 0, "artifact-info": 0}


class Explanation:
    """What a vector came to: `values` are (label, value, whether it was given); `refusal` is empty unless it was refused."""

    __slots__ = ("gear", "outcome", "refusal", "trace", "values", "words")

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.trace = Trace(registry.ROOT, words)
        self.gear = FRONT
        self.refusal = ""
        self.values: list[tuple[str, Value, bool]] = []
        try:
            found = grammar.interpret(registry.ROOT, registry.node, list(words), self.trace)
        except grammar.Refused as refused:
            self.outcome = "refused"
            self.refusal = refused.message + refused.suffix
            return
        self.outcome = found.action
        if found.action == "run":
            self.gear = registry.gear(found.node.path)
            for index, parameter in enumerate(found.node.parameters):
                if parameter.kind != grammar.ACTION:
                    name = parameter.name
                    self.values.append((label(found.node, index), found.values[name], name in found.given))

    @property
    def exit_code(self) -> int | None:
        """What the vector would end with, where that is known without running it."""
        return _EXIT_CODES.get(self.outcome)


def run(session: Session, words: tuple[str, ...] | None, output: str) -> int:
    """Prints the meaning of `words`; success, even where they would be refused."""
    explanation = Explanation(list(words or ()))
    if output == "json":
        from omnirelay.jsontext import compact

        session.out(compact(as_json(explanation)) + "\n")
    else:
        session.out(as_text(explanation))
    return 0


def as_text(explanation: Explanation) -> str:
    """The lines for people."""
    lines = ["command: " + explanation.trace.node.path, "outcome: " + explanation.outcome, "gear: " + explanation.gear]
    if explanation.words:
        lines.append("tokens:")
    for index, word in enumerate(explanation.words):
        roles = [f"{role} {name}" if name else role for role, name in explanation.trace.roles[index]]
        lines.append(f"  {index + 1} {word!r}: " + (", ".join(roles) or "not read"))
    if explanation.values:
        lines.append("values:")
    for name, value, given in explanation.values:
        # A line for each word of a value that has several.
        words = value if isinstance(value, tuple) and value else (value,)
        lines += [f"  {name}: {_shown(word)} ({_source(given)})" for word in words]
    if explanation.refusal:
        lines.append("refusal: " + visible(explanation.refusal))
    if explanation.exit_code is not None:
        lines.append(f"exit code: {explanation.exit_code}")
    return "\n".join(lines) + "\n"


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The same for programs."""
    roles = explanation.trace.roles
    result: dict[str, Any] = {
        "format": 1,
        "command": explanation.trace.node.path,
        "outcome": explanation.outcome,
        "gear": explanation.gear,
        "tokens": [{"text": word, "roles": [_role(*role) for role in roles[index]]} for index, word in enumerate(explanation.words)],
        "values": [{"parameter": name, "value": value, "source": _source(given)} for name, value, given in explanation.values],
    }
    if explanation.refusal:
        result["refusal"] = explanation.refusal
    if explanation.exit_code is not None:
        result["exitCode"] = explanation.exit_code
    return result


def _role(role: str, name: str) -> dict[str, str]:
    return {"role": role, "name": name} if name else {"role": role}


def _source(given: bool) -> str:
    return "command line" if given else "default"


def _shown(value: Value) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)
