"""What `mesh shards list` and `diff` share: the filters of both, checked before anything is sent, and their query."""

from __future__ import annotations

from omnirelay.faults import Failure
from omnirelay.render.safe_text import shortened

STATUSES = ("Active", "Draining", "Paused", "Disabled")
_INT32 = 1 << 31
_INT64 = 1 << 63
_DIGITS = frozenset("0123456789")


def statuses(values: tuple[str, ...]) -> str:
    """The statuses of all --status values as the server takes them: proper names where there are some, joined by commas."""
    return ",".join([_status(token.strip()) for value in values for token in value.split(",")])


def _status(token: str) -> str:
    folded = token.lower()
    for name in STATUSES:
        if name.lower() == folded:
            return name
    digits = token[1:] if token.startswith(("+", "-")) else token
    # Zeros in front say nothing, and ten more digits hold every 32-bit number.
    if digits and _DIGITS.issuperset(digits) and len(digits.lstrip("0")) <= 10:
        number = int(digits.lstrip("0") or "0") * (-1 if token.startswith("-") else 1)
        if -_INT32 <= number < _INT32:
            return STATUSES[number] if 0 <= number < len(STATUSES) else str(number)
    raise Failure(f"Invalid shard status '{shortened(token, 80)}'. Valid values: {', '.join(STATUSES)}.")


def page_size(value: int | None) -> str | None:
    """The text of a page size, or None; a server holds it in 32 bits."""
    if value is None:
        return None
    if value <= 0:
        raise Failure("Page size must be greater than zero. (leave --page-size out for the server's own)")
    if value >= _INT32:
        raise Failure("Page size must fit into 32 bits. (servers send at most 500 shards a page)")
    return str(value)


def positions(first: int | None, last: int | None) -> tuple[str | None, str | None]:
    """The texts of --from-version and --to-version: both inclusive, both may be left out."""
    for name, value in (("from-version", first), ("to-version", last)):
        if value is not None and value < 0:
            raise Failure(f"{name} must be non-negative. (positions of the history begin at 1)")
        if value is not None and value >= _INT64:
            raise Failure(f"{name} must fit into 64 bits. (leave it out to have no bound on that side)")
    if first is not None and last is not None and first > last:
        raise Failure("from-version must be less than or equal to to-version. (swap them, or leave one out)")
    return None if first is None else str(first), None if last is None else str(last)
