"""A leased server as the steps of a scenario see it: what ``send`` steps did to it is told apart from what the artifact did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.model.reply import Reply
from harness.model.traffic import MARK
from harness.verbs.base import ServerHandle


@dataclass(frozen=True, slots=True)
class StepServer:
    """Marks the requests of ``send`` steps and leaves them out of what was received; faults and the server's state do count them."""

    server: ServerHandle

    @property
    def url(self) -> str:
        return self.server.url

    def requests(self) -> list[dict[str, object]]:
        return [request for request in self.server.requests() if not _is_marked(request)]

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        return self.server.send(method, path, body, {**headers, MARK: "send"})


def _is_marked(request: Mapping[str, object]) -> bool:
    headers = request.get("headers")
    return isinstance(headers, list | tuple) and any(str(pair[0]).lower() == MARK for pair in headers)
