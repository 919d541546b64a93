"""Small real servers on loopback addresses for the tests of the program: one answer, right or wrong, for each connection."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Listens on a loopback address; each connection is answered by the next of `answers` (the last one repeats)."""

    def __init__(self, answers: list[Answer], family: socket.AddressFamily, host: str) -> None:
        self.answers = answers
        self.requests: list[bytes] = []
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.bind((host, 0))
        self.listener.listen(8)
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                number = min(len(self.requests), len(self.answers) - 1)
                with connection, contextlib.suppress(OSError):
                    request = read_request(connection)
                    self.requests.append(request)
                    self.answers[number](connection, request)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line[15:]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(data: bytes) -> Answer:
    return lambda connection, request: connection.sendall(data)


def hangs(data: bytes) -> Answer:
    """Sends `data`, then nothing until the client goes."""

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(data)
        connection.recv(1)

    return answer


def resets(connection: socket.socket, request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextlib.contextmanager
def serving(*answers: Answer, family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> Iterator[Server]:
    server = Server(list(answers), family, host)
    try:
        yield server
    finally:
        server.close()


def answers_json(text: str, status: str = "200 OK") -> Answer:
    """A well-formed answer with a JSON body."""
    body = text.encode()
    return says(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
