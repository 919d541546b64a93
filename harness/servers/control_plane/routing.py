"""Routes that are matched as the original matches them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from harness.servers.control_plane.world import World

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json"


class ExactRoute(Route):
    """Matches this path with this method only. A wrong method is no match, HEAD is not GET, and an encoded slash is no slash."""

    def __init__(self, method: str, path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.methods = {method}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        encoded_slash = b"%2f" in scope.get("raw_path", b"").lower()
        return (match, child) if match is Match.FULL and not encoded_slash else (Match.NONE, {})


def world_of(request: Request) -> World:
    """The world that the request came into."""
    world: World = request.scope["state"]["world"]
    return world
