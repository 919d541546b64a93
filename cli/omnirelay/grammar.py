"""Reads an argument vector against the generated tables, with the very rules and texts of Typer over Click.

The tables are data; this module holds the rules once: long options first, then clusters; an option that takes a value takes the next word
whatever it looks like, and the last one counts, or each of them where it is REPEATED; eager options act before anything else is checked; groups
stop at the first word. Loose words of a verb, and all behind `--`, go to its one parameter of kind WORDS, or are refused when it has none.
"""

from __future__ import annotations

VALUE = 0
INTEGER = 1
REPEATED = 2
FLAG = 3
ACTION = 4
WORDS = 5
_LAST_WITH_VALUE = REPEATED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omnirelay.parse_trace import Trace

    Value = str | bool | int | tuple[str, ...] | None
    Given = dict[str, str | bool | list[str]]


class Parameter:
    """One option, or the loose words: `default` is the action's name for an ACTION; `choices` maps folded text to the value."""

    __slots__ = ("choice_list", "choices", "default", "hint", "kind", "name")

    def __init__(
        self,
        name: str,
        kind: int,
        default: str | bool | tuple[str, ...] | None,
        hint: str = "",
        choices: dict[str, str] | None = None,
        choice_list: str = "",
    ) -> None:
        self.name = name
        self.kind = kind
        self.default = default
        self.hint = hint
        self.choices = choices
        self.choice_list = choice_list


class Node:
    """A group (with commands) or a verb (without)."""

    __slots__ = ("commands", "long", "parameters", "path", "short", "usage")

    def __init__(
        self,
        path: str,
        usage: str,
        parameters: tuple[Parameter, ...],
        long: dict[str, int],
        short: dict[str, int],
        commands: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.usage = usage
        self.parameters = parameters
        self.long = long
        self.short = short
        self.commands = commands


class Outcome:
    """What the words came to: `action` is `run`, `bare` (a group without words) or an eager option's action."""

    __slots__ = ("action", "given", "node", "values")

    def __init__(self, action: str, node: Node, values: dict[str, Value], given: frozenset[str]) -> None:
        self.action = action
        self.node = node
        self.values = values
        self.given = given


class Refused(Exception):
    """A usage error; `node` is None where Typer prints no usage line."""

    def __init__(self, message: str, node: Node | None, suffix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.suffix = suffix


def interpret(root: Node, child: Callable[[str], Node], words: list[str], trace: Trace | None = None) -> Outcome:
    """The outcome of `words` (without the program's name), or Refused. `child` finds a node by its path; `trace` is told what each word was."""
    node = root
    while True:
        if node.commands and not words:
            return Outcome("bare", node, {}, frozenset())
        outcome, rest = _read(node, words, trace)
        if outcome is not None:
            return outcome
        if not rest:
            raise Refused("Missing command.", node)
        outcome = _check_command(node, rest, trace)
        if outcome is not None:
            return outcome
        node = child(node.path + " " + rest[0])
        if trace is not None:
            trace.command(len(rest), node, rest[0])
        words = rest[1:]


def _check_command(node: Node, rest: list[str], trace: Trace | None) -> Outcome | None:
    """None when `rest` starts with a command of `node`. `rest` shrinks while it is read again, as in Click."""
    name = rest[0]
    if name in node.commands:
        return None
    left = len(rest)
    try:
        first = name[:1]
        if first and not first.isalnum():
            outcome, _ = _read(node, rest, trace)
            if outcome is not None:
                return outcome
        if trace is not None:
            trace.unknown(left)
        raise Refused(f"No such command {name!r}.", node)
    except Refused as refusal:
        if rest:
            from omnirelay.suggestions import close_matches

            matches = close_matches(rest[0], node.commands)
            if matches:
                listed = ", ".join([repr(match) for match in matches])
                refusal.message = refusal.message.rstrip(".") + ". Did you mean " + listed + "?"
        raise


def _read(node: Node, words: list[str], trace: Trace | None) -> tuple[Outcome | None, list[str]]:
    """An outcome if there is one already, and the words that are left."""
    values: Given = {}
    order: list[Parameter] = []
    loose: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--":
            if trace is not None:
                trace.separator(node, words)
            break
        if len(word) > 1 and word[0] == "-":
            _option(node, word, words, values, order, trace)
        elif node.commands:
            words.insert(0, word)
            break
        else:
            loose.append(word)
            if trace is not None:
                trace.loose(len(words) + 1, node)
    rest = loose + words
    for parameter in order:
        if parameter.kind == ACTION:
            return Outcome(str(parameter.default), node, {}, frozenset()), rest
    bound = _bind(node, values, order)
    if node.commands:
        return None, rest
    given = frozenset(values)
    taker = words_parameter(node) if rest else None
    if taker is not None:
        bound[taker.name] = tuple(rest)
        given |= {taker.name}
    elif rest:
        noun = "argument" if len(rest) == 1 else "arguments"
        raise Refused(f"Got unexpected extra {noun} ({' '.join(rest)})", node)
    return Outcome("run", node, bound, given), rest


def words_parameter(node: Node) -> Parameter | None:
    """The parameter that takes the loose words of a verb, if it has one."""
    for parameter in node.parameters:
        if parameter.kind == WORDS:
            return parameter
    return None


def _bind(node: Node, values: Given, order: list[Parameter]) -> dict[str, Value]:
    """Checks values in the order in which they were first given, then adds the defaults."""
    bound: dict[str, Value] = {}
    for parameter in order:
        if parameter.name not in bound:
            bound[parameter.name] = _checked(node, parameter, values[parameter.name])
    for parameter in node.parameters:
        if parameter.kind != ACTION and parameter.name not in bound:
            bound[parameter.name] = parameter.default
    return bound


def _checked(node: Node, parameter: Parameter, value: str | bool | list[str]) -> Value:
    if isinstance(value, list):
        return tuple(value)
    if parameter.choices is not None:
        chosen = parameter.choices.get(str(value).casefold())
        if chosen is None:
            raise Refused(f"Invalid value for {parameter.hint}: {value!r} is not one of {parameter.choice_list}.", node)
        return chosen
    if parameter.kind == INTEGER:
        try:
            return int(value)
        except ValueError:
            raise Refused(f"Invalid value for {parameter.hint}: {value!r} is not a valid integer.", node) from None
    return value


def _option(node: Node, word: str, words: list[str], values: Given, order: list[Parameter], trace: Trace | None) -> None:
    name, equals, attached = word.partition("=")
    index = node.long.get(name)
    if index is None:
        if word[1] != "-":
            _cluster(node, word, words, values, order, trace)
            return
        if trace is not None:
            trace.unknown(len(words) + 1)
        from omnirelay.suggestions import possible_options

        raise Refused("No such option: " + name, node, possible_options(name, node.long))
    parameter = node.parameters[index]
    if trace is not None:
        trace.option(len(words) + 1, node, index)
    if parameter.kind <= _LAST_WITH_VALUE:
        if equals:
            words.insert(0, attached)
        if trace is not None:
            trace.value(len(words), node, index)
        _take(parameter, name, words, values)
    elif equals:
        raise Refused(f"Option {name!r} does not take a value.", None)
    else:
        values[parameter.name] = True
    order.append(parameter)


def _cluster(node: Node, word: str, words: list[str], values: Given, order: list[Parameter], trace: Trace | None) -> None:
    """`-abVALUE`: each letter an option, and the first that takes a value takes the rest of the word."""
    for position in range(1, len(word)):
        name = "-" + word[position]
        index = node.short.get(name)
        if index is None:
            if trace is not None:
                trace.unknown(len(words) + 1)
            raise Refused("No such option: " + name, node)
        parameter = node.parameters[index]
        if trace is not None:
            trace.option(len(words) + 1, node, index)
        if parameter.kind <= _LAST_WITH_VALUE:
            if position + 1 < len(word):
                words.insert(0, word[position + 1 :])
            if trace is not None:
                trace.value(len(words), node, index)
            _take(parameter, name, words, values)
            order.append(parameter)
            return
        values[parameter.name] = True
        order.append(parameter)


def _take(parameter: Parameter, name: str, words: list[str], values: Given) -> None:
    """The next word is the value; it takes the place of an earlier one, or follows it."""
    if not words:
        raise Refused(f"Option {name!r} requires an argument.", None)
    word = words.pop(0)
    if parameter.kind != REPEATED:
        values[parameter.name] = word
        return
    before = values.get(parameter.name)
    if isinstance(before, list):
        before.append(word)
    else:
        values[parameter.name] = [word]
