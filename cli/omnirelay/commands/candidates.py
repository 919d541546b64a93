"""`omnirelay completion candidates …`: names of peers, namespaces and shards for a shell that completes a word, one on a line.

A press of TAB must be quick, also when the control plane is not: answers are kept for `--max-age`, failures for a sixth of it, and when the control
plane does not answer, names of the last day do.
"""

from __future__ import annotations

from omnirelay import control_plane, durations, name_cache, shell_names, system
from omnirelay.faults import Failure
from omnirelay.name_cache import Kept, Question
from omnirelay.render.safe_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omnirelay.session import Session

    # Names, and whether they are all that there are.
    Asked = tuple[set[str], bool]

_STALE = 86_400_000
_FAILURES = 6
_PAGE = "500"
_MOST_PAGES = 200


class Wish:
    """What the command line said besides the question."""

    __slots__ = ("limit", "max_age", "prefix", "without")

    def __init__(self, prefix: str | None, without: str | None, max_age: str, timeout: str) -> None:
        """Raises Failure where a text is no duration."""
        self.prefix = prefix or ""
        self.without = without or ""
        try:
            self.max_age = int(durations.parse(max_age) * 1000)
        except durations.DurationFault as fault:
            raise Failure(f"Could not parse max-age '{visible(max_age)}'. {fault.hint}") from None
        self.limit = control_plane.Limit(timeout)

    def wants(self, name: str) -> bool:
        return name.startswith(self.prefix) and not (self.without and self.without in name)


def peers(session: Session, url: str, prefix: str | None, without: str | None, max_age: str, timeout: str) -> int:
    """Prints the node ids of the mesh."""
    wish = Wish(prefix, without, max_age, timeout)
    call = control_plane.peers_call(url)

    def ask() -> Asked:
        return {peer.node_id for peer in control_plane.fetch_peers(session, call, wish.limit).peers}, True

    return _print(session, Question("peers", _server(url)), wish, ask)


def namespaces(session: Session, url: str, prefix: str | None, without: str | None, max_age: str, timeout: str) -> int:
    """Prints the namespaces that hold shards."""
    wish = Wish(prefix, without, max_age, timeout)
    return _print(session, Question("namespaces", _server(url)), wish, lambda: _of_shards(session, url, None, wish))


def shards(session: Session, url: str, namespace: str | None, prefix: str | None, without: str | None, max_age: str, timeout: str) -> int:
    """Prints the ids of shards, of one namespace or of all."""
    wish = Wish(prefix, without, max_age, timeout)
    wanted = (namespace or "").strip()
    return _print(session, Question("shards", _server(url), wanted), wish, lambda: _of_shards(session, url, wanted, wish))


def _of_shards(session: Session, url: str, namespace: str | None, wish: Wish) -> Asked:
    """Namespaces (where `namespace` is None) or ids of as many shards as can be had within the time limit; raises Failure when it is none."""
    names: set[str] = set()
    cursor: str | None = None
    seen: set[str] = set()
    total = wish.limit.seconds
    start = session.now()
    while len(seen) < _MOST_PAGES and len(names) < shell_names.MOST:
        query = (("namespace", namespace), ("cursor", cursor), ("pageSize", _PAGE))
        try:
            page = control_plane.fetch_shards(session, control_plane.shards_call(url, query), wish.limit)
        except Failure:
            if names:
                return names, False
            raise
        names.update([item.namespace if namespace is None else item.shard_id for item in page.items])
        cursor = page.next_cursor
        if cursor is None or not cursor.strip():
            return names, True
        if cursor in seen:
            # The pages go in a circle, so nobody knows what the rest would have been.
            return names, False
        seen.add(cursor)
        # One limit for all pages; when nothing is left of it, the next request ends before it begins.
        wish.limit.seconds = total - (session.now() - start)
    return names, False


def _server(url: str) -> str:
    return control_plane.base_address(url).with_target("/").text


def _print(session: Session, question: Question, wish: Wish, ask: Callable[[], Asked]) -> int:
    names = _names(session, question, wish, ask)
    text = "".join([name + "\n" for name in names if wish.wants(name)])
    if text:
        session.out(text)
    return 0


def _names(session: Session, question: Question, wish: Wish, ask: Callable[[], Asked]) -> list[str]:
    """The names, from the file or the server; raises Failure when there are none to be had."""
    now = system.wall_milliseconds()
    kept = name_cache.load(question, now)
    if kept is None or now - kept.answered >= _STALE:
        kept = Kept([], 0, 0, 0 if kept is None else kept.failed)
    if kept.answered and now - kept.answered < wish.max_age:
        return kept.names
    if kept.failed and (now - kept.failed) * _FAILURES < wish.max_age:
        if kept.answered:
            return kept.names
        advice = "wait a few seconds, or ask at once with --max-age 0s"
        raise Failure(f"The control plane gave no names a moment ago. ({question.server}; {advice})")
    try:
        names, whole = ask()
    except Failure as failure:
        name_cache.store(question, Kept(kept.names, kept.answered, kept.whole, system.wall_milliseconds()))
        if not kept.answered:
            raise
        session.err("warning: the names are those of an earlier answer. " + failure.message + "\n")
        return kept.names
    if not whole and now - kept.whole < _STALE:
        # The rest did not come in time: those that an earlier answer had are still good for their day.
        names.update(kept.names)
    found = shell_names.chosen(names)
    after = system.wall_milliseconds()
    name_cache.store(question, Kept(found, after, after if whole else kept.whole, 0))
    return found
