"""What a parser writes, kept as the text that a reader of the stream gets."""

from __future__ import annotations

from omnirelay import system
from omnirelay._generated import verbs
from omnirelay.session import Session


def sent(text: str) -> str:
    """`text` after it has gone through a stream: what has no UTF-8 form arrives as its escape."""
    return text if text.isascii() else system.encode(text).decode("utf-8")


class Recorder(Session):
    """A session that keeps what is written."""

    __slots__ = ("_streams",)

    def __init__(self) -> None:
        super().__init__("jit", verbs.PARSER_HASH)
        self._streams: tuple[list[str], list[str]] = ([], [])

    def out(self, text: str) -> None:
        self._streams[0].append(text)

    def err(self, text: str) -> None:
        self._streams[1].append(text)

    @property
    def stdout(self) -> str:
        return sent("".join(self._streams[0]))

    @property
    def stderr(self) -> str:
        return sent("".join(self._streams[1]))
