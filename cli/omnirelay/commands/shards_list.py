"""`omnirelay mesh shards list`: who owns which shard, one page or all of them, as a table or as JSON."""

from __future__ import annotations

from omnirelay import control_plane
from omnirelay.commands import shards_filters
from omnirelay.faults import Failure
from omnirelay.render.safe_text import shortened, visible
from omnirelay.render.tables import Columns
from omnirelay.timestamps import to_column_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay._generated.wire_shard_list import ShardListResponse
    from omnirelay.session import Session

_COLUMNS = Columns(("Namespace", "Shard", "Owner", "Status", "Version", "Updated"), (24, 18, 18, 10, -8, 24))
_NOTHING = "No shards matched the filters.\n"
_LARGEST_PAGE = 500


def run(
    session: Session,
    url: str,
    namespace: str | None,
    owner: str | None,
    search: str | None,
    status: tuple[str, ...],
    cursor: str | None,
    page_size: int | None,
    every: bool,
    output: str,
    as_json: bool,
    timeout: str,
) -> int:
    """Fetches one page, or with `every` all pages from the cursor on, and prints them."""
    filters = (("namespace", namespace), ("owner", owner), ("search", search))
    states = shards_filters.statuses(status)
    size = shards_filters.page_size(_LARGEST_PAGE if every and page_size is None else page_size)
    pages = _Pages(session, url, filters, states, size, cursor, control_plane.Limit(timeout))
    wants_json = as_json or output in ("json", "1")
    if every and wants_json:
        _all_as_json(session, pages)
    elif every:
        _all_as_table(session, pages)
    elif wants_json:
        from omnirelay._generated.wire_shard_list import plain_shard_list_response
        from omnirelay.render.json_document import document

        session.out(document(plain_shard_list_response(pages.fetch())))
    else:
        answer = pages.fetch()
        session.out(_head(answer.version, answer.next_cursor) + (_COLUMNS.head() + _rows(answer) if answer.items else _NOTHING))
    return 0


class _Pages:
    """The pages of one list. Each is fetched under a time limit of its own, and none is kept."""

    __slots__ = ("_before", "_cursor", "_filters", "_limit", "_mark", "_session", "_size", "_states", "_until", "_url", "ended")

    def __init__(
        self,
        session: Session,
        url: str,
        filters: tuple[tuple[str, str | None], ...],
        states: str,
        size: str | None,
        cursor: str | None,
        limit: control_plane.Limit,
    ) -> None:
        self._session = session
        self._url = url
        self._filters = filters
        self._states = states
        self._size = size
        self._cursor = cursor
        self._limit = limit
        self._mark = cursor
        self._before = 0
        self._until = 1
        self.ended = False

    def fetch(self) -> ShardListResponse:
        """The page at the cursor."""
        return control_plane.fetch_shards(self._session, self._call(), self._limit)

    def following(self) -> ShardListResponse:
        """The page at the cursor, which then moves on; `ended` tells that this was the last one. Raises Failure when the cursors go in a circle."""
        answer = self.fetch()
        cursor = answer.next_cursor
        if cursor is None or not cursor.strip():
            self.ended = True
            return answer
        if cursor == self._mark:
            text = f"Shard list request failed: the pages go in a circle: the cursor '{shortened(cursor, 80)}' came before."
            raise Failure(self._call().told(text, "what was printed is not the whole list; look at the control plane"))
        # One remembered cursor finds a circle of any length when it moves on after 1, 2, 4, … pages; a list of all cursors would grow with the mesh.
        self._before += 1
        if self._before == self._until:
            self._mark, self._before, self._until = cursor, 0, self._until * 2
        self._cursor = cursor
        return answer

    def _call(self) -> control_plane.Call:
        return control_plane.shards_call(self._url, (*self._filters, ("cursor", self._cursor), ("pageSize", self._size), ("status", self._states)))


def _all_as_table(session: Session, pages: _Pages) -> None:
    answer = pages.following()
    session.out(_head(answer.version, None))
    heads = _COLUMNS.head()
    while True:
        if answer.items:
            session.out(heads + _rows(answer))
            heads = ""
        if pages.ended:
            break
        answer = pages.following()
    if heads:
        session.out(_NOTHING)


def _all_as_json(session: Session, pages: _Pages) -> None:
    """One document on one line, written page by page; the version is that of the first page."""
    from omnirelay._generated.wire_shard_list import plain_shard_summary
    from omnirelay.jsontext import compact

    answer = pages.following()
    version = answer.version
    between = '{"items":['
    while True:
        items = compact([plain_shard_summary(item) for item in answer.items])[1:-1]
        if items:
            session.out(between + items)
            between = ","
        if pages.ended:
            break
        try:
            answer = pages.following()
        except Failure:
            if between == ",":
                session.out("\n")
            raise
    session.out(("" if between == "," else between) + f'],"version":{version}}}\n')


def _head(version: int, cursor: str | None) -> str:
    shown = visible(cursor) if cursor is not None and cursor.strip() else "(none)"
    return f"Shard version : {version}\nNext cursor   : {shown}\n\n"


def _rows(answer: ShardListResponse) -> str:
    """By namespace and shard, ignoring case."""
    # The position keeps equal names in the server's order.
    order = sorted([(item.namespace.lower(), item.shard_id.lower(), index) for index, item in enumerate(answer.items)])
    rows = []
    for _, _, index in order:
        item = answer.items[index]
        owner = visible(item.owner_node_id)
        updated = to_column_text(item.updated_at)
        rows.append(_COLUMNS.row((visible(item.namespace), visible(item.shard_id), owner, item.status, str(item.version), updated)))
    return "".join(rows)
