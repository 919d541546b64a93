"""The vectors of the corpus: every verb, option, choice, width and refusal by rule, then some by chance, then those that once showed a difference.

Each has a subject, so that a sample can take from every subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product

from cli.equivalence.maker import COLUMNS, INTEGERS, VALUES, Maker
from cli.equivalence.vector import Vector, settled
from cli.generator.model import Command, Option

SEED = "corpus"
BY_CHANCE = 1200

SPECIAL = (
    "", "\x01", "\x1b", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\u0378", "\u200b", "\u2028", "\ud7ff", "\ue000", "\ufeff", "\uffff",
    "\U0001f600", "\U000e0001", "\U0010ffff", "'", '"', "'\"", "\\", "²", "Ⅷ", "٣", "ª", "\x1b[31mred", "\x1b[;?1K", "tab\tline\nreturn\r",
    # No UTF-8: a byte that only continues, an unused one, a surrogate, cut short, too long a form, beyond the last character.
    "\udc80", "\udcff", "\udced\udca0\udc80", "\udce2\udc82", "\udcf0\udc9f\udc98", "\udcc0\udc80", "\udcf4\udc90\udc80\udc80", "\udcf5", "\udcc3",
)  # fmt: skip
CORNERS = (
    "--", "-- --mesh", "-- --mesh mesh", "-- --", "-- -- mesh", "-- -", "-- --help", "-- --version", "-- ?mesh", "--help --version", "--version --help",
    "--version --bogus", "mesh --version", "-hx", "mesh peers list -hu", "mesh peers list --format x -h", "mesh upgrade drain -yu x -yy",
    "mesh upgrade r --", "mesh upgrade drai resume", "explain", "explain --", "explain a --format json b", "explain -- --x --",
    "explain a -- b --format", "explain -", "explain -- --help", "explain mesh --help", "explain a -x", "explain a --format xml",
    "completion bash now", "completion tcsh", "mesh peers list -u -u", "mesh peers list -u=x", "mesh peers list --url -- x",
)  # fmt: skip
_WIDEST = 200
_LONG_NUMBER = 1000
LONG_INTEGERS = (
    "9" * 4300,
    "9" * 4301,
    "0" * 4300,
    "0" * 4301,
    "-" + "8_" * 4299 + "8",
    "-" + "8_" * 4300 + "8",
    "٣" * 4300,
    "٣" * 4301,
    "7" * 5000,
    " " * 5000 + "7",
)
_FULL = 80
"""Pages are not laid out wider than this, so that beyond it one page for each width is enough."""


def vectors(commands: Mapping[str, Command], found: Iterable[Vector]) -> dict[Vector, str]:
    """Vector → its subject, without doubles; `found` are those that once showed a difference."""
    listed: dict[Vector, str] = {}
    subjects = (
        ("help", _pages(commands)),
        ("refusal-width", _refusals_at_widths(commands)),
        ("command", chain.from_iterable(_near_commands(command) for command in commands.values())),
        ("option", chain.from_iterable(_options(command) for command in commands.values())),
        ("choice", chain.from_iterable(_choices(command) for command in commands.values())),
        ("integer", chain(_long_integers(commands), chain.from_iterable(_integers(command) for command in commands.values()))),
        ("repeated", chain.from_iterable(_repeated(command) for command in commands.values())),
        ("cluster", chain.from_iterable(_clusters(command) for command in commands.values())),
        ("separator", chain.from_iterable(_separators(command) for command in commands.values())),
        ("eager", _eager(commands)),
        ("character", _characters()),
        ("colour", _colours()),
        ("columns", _columns(commands)),
        ("long", _long()),
        ("corner", (Vector(tuple(text.split(" "))) for text in CORNERS)),
        ("explain", _explained(commands)),
        ("chance", _by_chance(commands)),
        ("found", found),
    )
    for subject, members in subjects:
        for vector in members:
            settle = tuple(settled(word) for word in vector.words)
            listed.setdefault(Vector(settle, vector.columns, vector.width, vector.terminals), subject)
    return listed


def _way(command: Command) -> tuple[str, ...]:
    return tuple(command.path.split(" ")[1:])


def _pages(commands: Mapping[str, Command]) -> Iterator[Vector]:
    every = list(commands.values())
    for columns in range(40, _WIDEST + 1):
        for number, command in enumerate(every):
            if columns <= _FULL + 2 or columns % len(every) == number:
                yield Vector((*_way(command), "--help"), str(columns))
    for command in every:
        yield Vector((*_way(command), "-h"))
        yield Vector((*_way(command), "--help"), None, 66, (1, 2))
        if command.commands:
            yield Vector(_way(command))
            yield Vector(_way(command), "58", 0, (2,))


def _refusals_at_widths(commands: Mapping[str, Command]) -> Iterator[Vector]:
    every = list(commands.values())
    for columns in range(40, _WIDEST + 1):
        for number, command in enumerate(every):
            if columns % len(every) == number or (columns <= _FULL and columns % 4 == number % 4):
                yield Vector((*_way(command), "--bogus"), str(columns))


def _slips(word: str) -> Iterator[str]:
    """`word` with one slip of each kind at each place."""
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    yield from (word + "x", word.upper(), word.capitalize(), word + word, word[: len(word) // 2], "é" + word, word + "=")


def _near_commands(command: Command) -> Iterator[Vector]:
    for child in command.commands:
        for slip in _slips(child):
            yield Vector((*_way(command), slip))
    if command.commands:
        for word in ("nothing-like-it", "", " ", "?", "/h", "@file", "-", "="):
            yield Vector((*_way(command), word, "list"))


def _options(command: Command) -> Iterator[Vector]:
    way = _way(command)
    for option in command.options:
        for name in option.names:
            short = not name.startswith("--")
            for words in ([name], [name, "x"], [name, "x", name, "y"], [name + "=x"], [name + "="], [name + "x"], [name, "--"], [name, "-h"], [name, ""]):
                yield Vector((*way, *words))
            if not short:
                yield from (Vector((*way, slip, "x")) for slip in _slips(name))
                yield Vector((*way, name[1:], "x"))
        if option.kind == "value":
            yield from (Vector((*way, option.names[0], value)) for value in VALUES)
    if not command.commands:
        yield from (Vector((*way, *extra)) for extra in (["now"], ["now", "or"], ["it's", '"'], ["-"], ["", ""], ["-", "-1"], ["--=x"], ["-=x"], ["-é"]))


def _choices(command: Command) -> Iterator[Vector]:
    for option in command.options:
        for choice in option.choices:
            for value in {choice: 1, choice.upper(): 1, choice.capitalize(): 1, choice.replace("s", "ſ"): 1, choice[:-1]: 1, choice + " ": 1, " " + choice: 1}:
                yield Vector((*_way(command), option.names[0], value))
                yield Vector((*_way(command), option.names[0] + "=" + value, "now"))


def _long_integers(commands: Mapping[str, Command]) -> Iterator[Vector]:
    """At one option: the rule for digits knows nothing of options."""
    takers = ((*_way(command), option.names[0]) for command in commands.values() for option in command.options if option.type == "integer")
    for words in takers:
        yield from (Vector((*words, value)) for value in LONG_INTEGERS)
        return


def _integers(command: Command) -> Iterator[Vector]:
    way = _way(command)
    for option in command.options:
        if option.type == "integer":
            name = option.names[0]
            for value in INTEGERS:
                yield Vector((*way, name, value))
                yield Vector((*way, name + "=" + value))
                yield Vector((*way, name, "x", name, value))
            # What is refused first: the option that was given first.
            yield from (Vector((*way, *words)) for words in ([name, "x", "--format", "y"], ["--format", "y", name, "x"], [name, "x", "now"], [name, "x", "-h"]))
            yield Vector((*way, name, "x", "--bogus"))
            yield from (Vector(("explain", *own, "--", *way, name, value)) for own in ((), ("--format=json",)) for value in INTEGERS)


def _repeated(command: Command) -> Iterator[Vector]:
    """Options that keep each value, as often as none and a hundred times, among others and in every way to write one."""
    way = _way(command)
    for option in command.options:
        if option.repeated:
            name = option.names[0]
            for count in (1, 2, 3, 4, 5, 100):
                yield Vector((*way, *(word for number in range(count) for word in (name, f"v{number}"))))
                yield Vector((*way, *(f"{name}=v{number}" for number in range(count))))
            for words in (
                [name + "=", name, "", name, " "], [name, name, name], [name, "a", "-ub", name + "=c", "--url", "d", name, "e"], [name, "--", name, "--"],
                [name, "a", "--", name, "b"], [name, "a", "now", name, "b"], ["--format", "x", name, "a"], [name, "a", "--json", name, "a", name, "A"],
                [name, "a,b", name, "\udcff"], [name, "a", name], [name, "-h", name, "x", "-h"], [name, "a", name + "s", "b"],
            ):  # fmt: skip
                yield Vector((*way, *words))
                yield from (Vector(("explain", *own, "--", *way, *words)) for own in ((), ("--format=json",)))


def _letters(options: Iterable[Option]) -> list[str]:
    return [name[1] for option in options for name in option.names if len(name) == 2]


def _clusters(command: Command) -> Iterator[Vector]:
    known = _letters(command.options)
    for letters in chain(product([*known, "x", "-", "="], repeat=2), product([*known, "x"], repeat=3)):
        yield Vector((*_way(command), "-" + "".join(letters), "v"))


def _separators(command: Command) -> Iterator[Vector]:
    way = list(_way(command))
    tail = [command.options[0].names[0], "v", "-h"]
    for words in (way, way + tail):
        for at in range(len(words) + 1):
            yield Vector((*words[:at], "--", *words[at:]))
            yield Vector((*words[:at], "--", "--", *words[at:]))


def _eager(commands: Mapping[str, Command]) -> Iterator[Vector]:
    root = next(iter(commands.values()))
    names = [name for option in root.options for name in option.names]
    for first, second in product(names, [*names, "mesh", "--bogus", "-x", "", "--"]):
        yield Vector((first, second))
        yield Vector((second, first))
    for name in names:
        yield from (Vector((*_way(command), name)) for command in commands.values())


def _characters() -> Iterator[Vector]:
    places: tuple[tuple[str, ...], ...] = ((), ("mesh",), ("mesh", "upgrade", "drain"), ("mesh", "upgrade", "drain", "--format"), ("explain", "--"))
    for text in SPECIAL:
        for number, word in enumerate((text, text + "x", "-" + text, "--" + text, "--" + text + "=" + text, "--url" + text, "-u" + text, "-y" + text + "u")):
            yield from (Vector((*place, word)) for place in (places if number < 4 else places[2:4]))
        yield Vector(("mesh", text, "x"), terminals=(2,))
        yield Vector(("explain", "--format", "json", "--", "mesh", text))
        yield Vector(("mesh", "upgrade", "drain", "--reason", text))


def _colours() -> Iterator[Vector]:
    for word in ("\x1b[31mred\x1b[0m", "\x1b[", "\x1b[1", "\x1b[1;2mK", "\x1b[\x1b[1mx", "\x1b[?25l\x1b[é", "\udc9b31m", "\x1b]0;title\x07"):
        for way in ((), ("mesh",), ("mesh", "peers", "list"), ("mesh", "peers", "list", "--format")):
            yield from (Vector((*way, word), terminals=terminals) for terminals in ((), (1,), (2,), (1, 2)))


def _columns(commands: Mapping[str, Command]) -> Iterator[Vector]:
    asked: tuple[tuple[str, ...], ...] = (("--help",), ("mesh", "upgrade", "drain", "--help"), ("mesh",), ("mesh", "peers", "list", "--bogus"))
    for columns, width, words in product(COLUMNS, (0, 1, 40, 66, 300), asked):
        # Numbers of thousands of digits: once each.
        if columns is None or len(columns) < _LONG_NUMBER or (width == 66 and len(words) == 1):
            yield Vector(words, columns, width, (1,) if width else ())


def _long() -> Iterator[Vector]:
    for size in (64, 65, 200, 400, 2000):
        for words in (("x" * size,), ("mesh", "é" * size), ("mesh", "peers", "list", "--" + "f" * size), ("mesh", "peers", "list", "a" * size)):
            yield Vector(words)
    yield Vector(("mesh", "peers", "list", "-" + "y" * 500))
    yield Vector(("mesh", "upgrade", "drain", "-" + "y" * 500))
    yield Vector(("mesh", "peers", "list", *["word"] * 300))
    yield Vector(("mesh", "peers" * 40))
    yield Vector(("--" + "versio" * 20,))


def _explained(commands: Mapping[str, Command]) -> Iterator[Vector]:
    for command in commands.values():
        for own in ((), ("--format", "json")):
            for tail in ((), ("-h",), ("--bogus",), ("now", "--", "-x"), ("--url=x", "--format", "JSON")):
                yield Vector(("explain", *own, "--", *_way(command), *tail))


def _by_chance(commands: Mapping[str, Command]) -> Iterator[Vector]:
    maker = Maker(commands, SEED)
    for _ in range(BY_CHANCE):
        vector = maker.vector()
        # A quarter keeps the surroundings that chance gave it; the others can be run without a terminal.
        kept = maker.random.random() < 0.25 and len(vector.columns or "") < _LONG_NUMBER
        yield vector if kept else Vector(vector.words)
