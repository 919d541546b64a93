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

    # The question that was answered, its names, and whether they are all that there are.
    Answer = tuple[Question, set[str], bool]

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
    question = Question("peers", _server(url))

    def ask() -> Answer:
        return question, {peer.node_id for peer in control_plane.fetch_peers(session, call, wish.limit).peers}, True

    return _print(session, wish, question, None, ask)


def namespaces(session: Session, url: str, prefix: str | None, without: str | None, max_age: str, timeout: str) -> int:
    """Prints the namespaces that hold shards."""
    wish = Wish(prefix, without, max_age, timeout)
    question = Question("namespaces", _server(url))
    reader = _Reader(session, url, wish.limit, None)
    return _print(session, wish, question, None, lambda: (question, *reader.read()))


def shards(session: Session, url: str, namespace: str | None, typed: str | None, prefix: str | None, without: str | None, max_age: str, timeout: str) -> int:
    """Prints the ids of shards, of one namespace or of all; where they are many, those that hold what was typed."""
    wish = Wish(prefix, without, max_age, timeout)
    wanted, holding = (namespace or "").strip(), (typed or prefix or "").strip()
    every = Question("shards", _server(url), wanted)
    reader = _Reader(session, url, wish.limit, wanted)
    # No name is longer, and servers would refuse such a question.
    if not holding or len(holding) > shell_names.LONGEST:
        return _print(session, wish, every, None, lambda: (every, *reader.read()))
    some = Question("shards", every.server, wanted, holding)

    def ask() -> Answer:
        # Most meshes fit on one page, and that answers whatever is typed next as well.
        names, whole = reader.read(pages=1)
        if whole:
            return every, names, True
        try:
            return some, *reader.read(holding)
        except Failure:
            return some, names, False

    return _print(session, wish, every, some, ask)


class _Reader:
    """Reads namespaces (where `namespace` is None) or ids out of the list of shards, under one time limit for all pages."""

    __slots__ = ("_end", "_limit", "_namespace", "_session", "_url")

    def __init__(self, session: Session, url: str, limit: control_plane.Limit, namespace: str | None) -> None:
        self._session = session
        self._url = url
        self._limit = limit
        self._namespace = namespace
        self._end = session.now() + limit.seconds

    def read(self, search: str | None = None, pages: int = _MOST_PAGES) -> tuple[set[str], bool]:
        """Names, and whether they are all that there are; raises Failure when there is none within the time limit."""
        names: set[str] = set()
        cursor: str | None = None
        seen: set[str] = set()
        while len(seen) < pages and len(names) < shell_names.MOST:
            query = (("namespace", self._namespace), ("search", search), ("cursor", cursor), ("pageSize", _PAGE))
            # When nothing is left of the limit, the request ends before it begins.
            self._limit.seconds = self._end - self._session.now()
            try:
                page = control_plane.fetch_shards(self._session, control_plane.shards_call(self._url, query), self._limit)
            except Failure:
                if names:
                    return names, False
                raise
            names.update([item.namespace if self._namespace is None else item.shard_id for item in page.items])
            cursor = page.next_cursor
            if cursor is None or not cursor.strip():
                return names, True
            if cursor in seen:
                # The pages go in a circle, so nobody knows what the rest would have been.
                return names, False
            seen.add(cursor)
        return names, False


def _server(url: str) -> str:
    return control_plane.base_address(url).with_target("/").text


def _print(session: Session, wish: Wish, every: Question, some: Question | None, ask: Callable[[], Answer]) -> int:
    names = _names(session, wish, every, some, ask)
    text = "".join([name + "\n" for name in names if wish.wants(name)])
    if text:
        session.out(text)
    return 0


def _held(question: Question, now: int) -> Kept:
    """What is kept and not older than a day; a failure is remembered by itself."""
    kept = name_cache.load(question, now)
    if kept is None or now - kept.answered >= _STALE:
        return Kept([], 0, 0, 0 if kept is None else kept.failed)
    return kept


def _names(session: Session, wish: Wish, every: Question, some: Question | None, ask: Callable[[], Answer]) -> list[str]:
    """The names, from a file or the server; raises Failure when there are none to be had.

    With `some`, which asks for a part, what is kept of `every` is an answer only if it has all names.
    """
    now = system.wall_milliseconds()
    kept = _held(every, now)
    if kept.answered and now - kept.answered < wish.max_age and (some is None or kept.complete):
        return kept.names
    part = None if some is None else _held(some, now)
    if part is not None and part.answered and now - part.answered < wish.max_age:
        return part.names
    known = part if part is not None and part.answered else kept
    if kept.failed and (now - kept.failed) * _FAILURES < wish.max_age:
        if known.answered:
            return known.names
        advice = "wait a few seconds, or ask at once with --max-age 0s"
        raise Failure(f"The control plane gave no names a moment ago. ({every.server}; {advice})")
    try:
        question, names, whole = ask()
    except Failure as failure:
        name_cache.store(every, Kept(kept.names, kept.answered, kept.whole, system.wall_milliseconds()))
        if not known.answered:
            raise
        session.err("warning: the names are those of an earlier answer. " + failure.message + "\n")
        return known.names
    before = kept if part is None or question is every else part
    if not whole and now - before.whole < _STALE:
        # The rest did not come in time: those that an earlier answer had are still good for their day.
        names.update(before.names)
    found = shell_names.chosen(names)
    after = system.wall_milliseconds()
    name_cache.store(question, Kept(found, after, after if whole else before.whole, 0))
    return found
