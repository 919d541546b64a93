"""Names that the control plane gave, kept for the next press of TAB.

A file for each question (kind of name, server, namespace, part of the name), in one of a fixed number of places, so that the folder cannot grow: the question
stands in the file, and a file that answers another one is not there. A file is read strictly; whatever is not exactly what is written here is
as good as none. Times are of the wall clock, because the file outlives the process: a time that lies ahead of the clock says
that one of them was wrong, and the file counts for nothing.

    omnirelay names 2
    shards
    http://127.0.0.1:8080/
    mesh.control
    shard-0
    1735787045000 1735787045000 0 2
    shard-01
    shard-02

The sixth line has the times of the last answer, of the last whole one and of the last failure in milliseconds since 1970 (0 where there was none),
and the number of names.
"""

from __future__ import annotations

from omnirelay import own_files, shell_names

_TITLE = "omnirelay names 2"
_LARGEST = 4 << 20
_HEAD = 6
_PLACES = 256
_LATEST = 10**16


class Question:
    """What is asked: a kind of names, of which server, in which namespace and with which text in them (empty for all)."""

    __slots__ = ("holding", "kind", "namespace", "server")

    def __init__(self, kind: str, server: str, namespace: str = "", holding: str = "") -> None:
        self.kind = kind
        self.server = server
        self.namespace = namespace
        self.holding = holding

    @property
    def lines(self) -> list[str]:
        """How it stands in its file."""
        return [self.kind, self.server, self.namespace, self.holding]

    @property
    def place(self) -> str:
        """The name of its file: the kind and a number that is the same in every process."""
        number = 2166136261
        for byte in "\n".join(self.lines[1:]).encode("utf-8", "backslashreplace"):
            number = (number ^ byte) * 16777619 & 0xFFFFFFFF
        return self.kind + "-" + str(number % _PLACES)

    @property
    def fits(self) -> bool:
        """Whether it can stand in a file of lines."""
        return "".join(self.lines).isprintable()


class Kept:
    """What is known of a question: names, when the last came, when all of them came at once, and when asking failed last (0 for never)."""

    __slots__ = ("answered", "failed", "names", "whole")

    def __init__(self, names: list[str], answered: int, whole: int, failed: int) -> None:
        self.names = names
        self.answered = answered
        self.whole = whole
        self.failed = failed

    @property
    def complete(self) -> bool:
        """Whether the last answer had all names that there were."""
        return self.whole == self.answered and len(self.names) < shell_names.MOST


def load(question: Question, now: int) -> Kept | None:
    """What is kept, or None. No time in it lies ahead of `now`."""
    folder = own_files.cache_folder() if question.fits else None
    if folder is None:
        return None
    try:
        data = folder.read(question.place, _LARGEST)
    finally:
        folder.close()
    kept = None if data is None else decode(data, question)
    if kept is None or max(kept.answered, kept.whole, kept.failed) > now:
        return None
    return kept


def store(question: Question, kept: Kept) -> None:
    """Keeps it, if there is a place for it."""
    data = encode(question, kept)
    folder = own_files.cache_folder() if question.fits and len(data) <= _LARGEST else None
    if folder is not None:
        try:
            folder.write(question.place, data)
        finally:
            folder.close()


def encode(question: Question, kept: Kept) -> bytes:
    """The content of the file."""
    numbers = f"{kept.answered} {kept.whole} {kept.failed} {len(kept.names)}"
    lines = [_TITLE, *question.lines, numbers, *kept.names]
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def decode(data: bytes, question: Question) -> Kept | None:
    """What `encode` wrote for this very question, or None."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return None
    if len(lines) < _HEAD + 1 or lines[: _HEAD - 1] != [_TITLE, *question.lines] or lines[-1]:
        return None
    numbers = [_number(word) for word in lines[_HEAD - 1].split(" ")]
    names = lines[_HEAD:-1]
    if len(numbers) != 4 or -1 in numbers or numbers[3] != len(names) or len(names) > shell_names.MOST:
        return None
    before = ""
    for name in names:
        # Sorted and without doubles, and nothing that would not have been offered: the file may be anybody's work.
        if name <= before or not shell_names.offered(name):
            return None
        before = name
    return Kept(names, numbers[0], numbers[1], numbers[2])


def _number(word: str) -> int:
    """A time or a count as `encode` writes it, else -1."""
    if not word.isascii() or not word.isdigit() or len(word) > 17 or (word[0] == "0" and word != "0"):
        return -1
    number = int(word)
    return number if number <= _LATEST else -1
