"""What strace wrote: system calls, files that were opened, programs that were started, and where in each file was read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_LINE = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<rest>.*)\Z")
_RESULT = re.compile(r"\) += (-?\d+|0x[0-9a-f]+|\?)(?: .*)?\Z")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-f]{2})|(.))")
_PLAIN = {"n": 10, "t": 9, "r": 13, "v": 11, "f": 12}
_OPENING = ("open", "openat")


@dataclass(slots=True)
class Trace:
    """One traced run. ``seeks`` has, by file, the offsets that reading was moved to, in order."""

    calls: Counter[str] = field(default_factory=Counter)
    files: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    seeks: dict[str, list[int]] = field(default_factory=dict)


def parse_trace(lines: Iterable[str]) -> Trace:
    """The trace of all processes of a run (``strace -f``); a line that is no call (a signal, an exit) is passed over."""
    trace = Trace()
    opened: dict[tuple[str, str], str] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        name, rest = match["name"], match["rest"]
        found = _RESULT.search(rest)
        result = int(found[1]) if found is not None and found[1].lstrip("-").isdecimal() else 0
        trace.calls[name] += 1
        if result < 0:
            continue
        text = _TEXT.search(rest)
        if name == "execve" and text is not None:
            trace.programs.append(_unescaped(text[1]))
        elif name in _OPENING and text is not None:
            path = _unescaped(text[1])
            opened[match["pid"], str(result)] = path
            if path not in trace.files:
                trace.files.append(path)
        elif name == "lseek" and found is not None:
            where = opened.get((match["pid"], rest.partition(",")[0]))
            if where is not None:
                trace.seeks.setdefault(where, []).append(result)
    return trace


def _unescaped(text: str) -> str:
    """strace writes strings as C does."""

    def one(match: re.Match[str]) -> bytes:
        if match[1]:
            return bytes([int(match[1], 8) & 0xFF])
        if match[2]:
            return bytes([int(match[2], 16)])
        return bytes([_PLAIN[match[3]]]) if match[3] in _PLAIN else match[3].encode()

    parts: list[bytes] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        parts += [text[at : match.start()].encode("utf-8", "surrogateescape"), one(match)]
        at = match.end()
    parts.append(text[at:].encode("utf-8", "surrogateescape"))
    return b"".join(parts).decode("utf-8", "surrogateescape")
