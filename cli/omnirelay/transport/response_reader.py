"""Reads one HTTP/1.x response out of bytes as they arrive, without any input or output of its own.

The result does not depend on how the bytes were cut. What is accepted is what h11 accepts (proven by a fuzz test),
except that only HTTP/1.x is, and that header, body and trailer sizes are limited.
"""

from __future__ import annotations

HEAD_LIMIT = 64 * 1024
FIELD_LIMIT = 256
BODY_LIMIT = 256 * 1024 * 1024
_CHUNK_LINE_LIMIT = 4096

_HEAD = 0
_LENGTH = 1
_CHUNK_LINE = 2
_CHUNK_DATA = 3
_CHUNK_END = 4
_TRAILER = 5
_UNTIL_CLOSE = 6
_DONE = 7

_NAME_SIGNS = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_DIGITS = frozenset(b"0123456789")

GARBAGE = "garbage"
TRUNCATED = "truncated"
TOO_LARGE = "too-large"
UNSUPPORTED = "unsupported"


class ResponseFault(Exception):
    """The bytes are no usable response: `cause` is one of GARBAGE, TRUNCATED, TOO_LARGE, UNSUPPORTED."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause
        self.text = text


class ResponseReader:
    """Feed it bytes until `done`; call `finish` when the peer closed. Either may raise ResponseFault."""

    __slots__ = (
        "_body_limit", "_buffer", "_expected", "_head_used", "_left", "_method", "_parts", "_seen", "_size", "_state",
        "headers", "reason", "status",
    )  # fmt: skip

    def __init__(self, method: str, body_limit: int = BODY_LIMIT) -> None:
        self.status = 0
        self.reason = ""
        self.headers: list[tuple[bytes, bytes]] = []
        self._method = method
        self._body_limit = body_limit
        self._buffer = bytearray()
        self._state = _HEAD
        self._head_used = 0
        self._expected = -1
        self._left = 0
        self._size = 0
        self._seen = 0
        self._parts: list[bytes] = []

    @property
    def done(self) -> bool:
        return self._state == _DONE

    @property
    def body(self) -> bytes:
        # Not kept twice: it may be a hundred megabytes.
        self._parts = [b"".join(self._parts)]
        return self._parts[0]

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header; `name` in lower case."""
        for found, value in self.headers:
            if found == name:
                return value
        return None

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; what follows the response is dropped."""
        self._seen += len(data)
        if self._state == _UNTIL_CLOSE or (self._state == _LENGTH and len(data) <= self._left):
            self._take(data)
            return
        self._buffer += data
        while self._state != _DONE and self._step():
            pass

    def finish(self) -> None:
        """The peer closed the connection."""
        if self._state == _UNTIL_CLOSE:
            self._state = _DONE
        if self._state == _DONE:
            return
        if self._state == _HEAD:
            if not self._seen:
                raise ResponseFault(TRUNCATED, "the connection was closed without an answer")
            raise ResponseFault(TRUNCATED, "the answer was cut short inside its header")
        if self._state == _LENGTH:
            text = f"the answer was cut short: {self._size} of {self._expected} bytes received"
            raise ResponseFault(TRUNCATED, text)
        raise ResponseFault(TRUNCATED, f"the answer was cut short: {self._size} bytes received, the last chunk is missing")

    def _step(self) -> bool:
        """One step further; False when more bytes are needed."""
        if self._state == _HEAD:
            return self._read_head()
        if self._state == _CHUNK_LINE:
            return self._read_chunk_line()
        if self._state == _CHUNK_END:
            return self._read_chunk_end()
        if self._state == _TRAILER:
            return self._read_trailer()
        if not self._buffer:
            return False
        wanted = len(self._buffer) if self._state == _UNTIL_CLOSE else self._left
        piece = bytes(self._buffer[:wanted])
        del self._buffer[:wanted]
        self._take(piece)
        return True

    def _take(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._body_limit:
            self._refuse_size()
        self._parts.append(piece)
        if self._state != _UNTIL_CLOSE:
            self._left -= len(piece)
            if self._left == 0:
                self._state = _DONE if self._state == _LENGTH else _CHUNK_END

    def _refuse_size(self) -> None:
        raise ResponseFault(TOO_LARGE, f"the answer is larger than the limit of {self._body_limit // (1024 * 1024)} MiB")

    def _lines(self) -> list[bytes] | None:
        """The lines up to a blank one, which are taken off the buffer; None while there is no blank line."""
        buffer = self._buffer
        if buffer[:1] == b"\n" or buffer[:2] == b"\r\n":
            del buffer[: 1 if buffer[:1] == b"\n" else 2]
            return []
        plain, full = buffer.find(b"\n\n"), buffer.find(b"\n\r\n")
        end = plain + 2
        if plain < 0 or 0 <= full < plain:
            end = full + 3
        if plain < 0 and full < 0:
            self._limit_head(len(buffer))
            return None
        self._limit_head(end)
        self._head_used += end
        head = bytes(buffer[:end])
        del buffer[:end]
        return [line[:-1] if line.endswith(b"\r") else line for line in head.split(b"\n")[:-2]]

    def _limit_head(self, size: int) -> None:
        if self._head_used + size > HEAD_LIMIT:
            raise ResponseFault(TOO_LARGE, f"the answer's header is larger than the limit of {HEAD_LIMIT // 1024} KiB")

    def _read_head(self) -> bool:
        if not self._buffer:
            return False
        start = bytes(self._buffer[:5])
        if not b"HTTP/".startswith(start):
            raise ResponseFault(GARBAGE, "the answer is not HTTP: it starts with " + _shown(bytes(self._buffer[:24])))
        lines = self._lines()
        if lines is None:
            return False
        self._read_status(lines[0])
        fields = _fields(lines[1:])
        length, chunked = _framing(fields)
        if self.status < 200:
            if self.status == 101:
                raise ResponseFault(UNSUPPORTED, "the server wants to switch protocols, which was not asked for")
            return True
        self.headers = fields
        self._choose_body(length, chunked)
        return True

    def _read_status(self, line: bytes) -> None:
        version, code, reason = line[:9], line[9:12], line[12:]
        if (
            len(line) < 12
            or version[:7] != b"HTTP/1."
            or version[7] not in _DIGITS
            or version[8:] != b" "
            or not _DIGITS.issuperset(code)
            or code[:1] == b"0"
            or (reason and reason[:1] != b" ")
            or _has_bad_sign(reason)
        ):
            raise ResponseFault(GARBAGE, "the answer is not HTTP/1.1: its first line is " + _shown(line))
        self.status = int(code)
        self.reason = reason.decode("utf-8", "replace").strip()

    def _choose_body(self, length: int | None, chunked: bool) -> None:
        if self.status in (204, 304) or self._method == "HEAD":
            self._state = _DONE
        elif chunked:
            self._state = _CHUNK_LINE
        elif length is not None:
            self._expected = self._left = length
            if length > self._body_limit:
                self._refuse_size()
            self._state = _LENGTH if length else _DONE
        else:
            self._state = _UNTIL_CLOSE

    def _read_chunk_line(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end > _CHUNK_LINE_LIMIT or (end < 0 and len(self._buffer) > _CHUNK_LINE_LIMIT):
            raise ResponseFault(TOO_LARGE, "a chunk header is too long")
        if end < 0:
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        digits = line.partition(b";")[0]
        if b";" not in line:
            digits = digits.rstrip(b" \t")
        if not 1 <= len(digits) <= 20 or not _HEX.issuperset(digits) or b"\n" in line:
            raise ResponseFault(GARBAGE, "a chunk of the answer has no valid size: " + _shown(line))
        size = int(digits, 16)
        if size > self._body_limit - self._size:
            self._refuse_size()
        self._left = size
        self._state = _CHUNK_DATA if size else _TRAILER
        return True

    def _read_chunk_end(self) -> bool:
        found = bytes(self._buffer[:2])
        if not b"\r\n".startswith(found):
            raise ResponseFault(GARBAGE, "a chunk of the answer is longer than its size says")
        if len(found) < 2:
            return False
        del self._buffer[:2]
        self._state = _CHUNK_LINE
        return True

    def _read_trailer(self) -> bool:
        if self._buffer == b"\r":
            return False
        lines = self._lines()
        if lines is None:
            return False
        _framing(_fields(lines))
        self._state = _DONE
        return True


def _fields(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Header fields with lower-case names; continuation lines are joined."""
    joined: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if not joined:
                raise ResponseFault(GARBAGE, "the answer's header starts with a continuation line")
            joined[-1] += b" " + line.lstrip(b" \t")
        else:
            joined.append(line)
    if len(joined) > FIELD_LIMIT:
        raise ResponseFault(TOO_LARGE, f"the answer has more than {FIELD_LIMIT} header fields")
    fields = []
    for line in joined:
        name, colon, value = line.partition(b":")
        if not colon or not name or not _NAME_SIGNS.issuperset(name) or _has_bad_sign(value):
            raise ResponseFault(GARBAGE, "the answer has a malformed header line: " + _shown(line))
        fields.append((name.lower(), value.strip(b" \t")))
    return fields


def _framing(fields: list[tuple[bytes, bytes]]) -> tuple[int | None, bool]:
    """Content length and whether the body is chunked."""
    length: int | None = None
    chunked = False
    for name, value in fields:
        if name == b"content-length":
            sizes = {size.strip() for size in value.split(b",")}
            size = sizes.pop()
            if sizes or not 1 <= len(size) <= 20 or not _DIGITS.issuperset(size):
                raise ResponseFault(GARBAGE, "the answer's content-length is not valid: " + _shown(value))
            if length is not None and length != int(size):
                raise ResponseFault(GARBAGE, "the answer has two different content-lengths")
            length = int(size)
        elif name == b"transfer-encoding":
            if chunked or value.lower() != b"chunked":
                raise ResponseFault(UNSUPPORTED, "the transfer encoding is not supported: " + _shown(value))
            chunked = True
    return length, chunked


def _has_bad_sign(value: bytes) -> bool:
    return b"\x00" in value or b"\r" in value or b"\n" in value or b"\x0b" in value or b"\x0c" in value


def _shown(data: bytes) -> str:
    from omnirelay.render.safe_text import shortened

    return "'" + shortened(data[:64].decode("utf-8", "replace"), 48) + "'"
