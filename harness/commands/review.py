"""``conformance review``: decide on the differences from goldens that a run has left.

Works at a terminal, where it asks, and without one, where flags decide and the list is printed. Exit codes: 0 nothing is left to decide, 1 something is
left undecided or was refused, 2 it cannot be done (a bundle, a golden or a group that cannot be used) or the command line is not understood.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from harness.load.document import shown
from harness.review.bundle import NAME, Bundle, BundleError
from harness.review.decisions import REJECTED, Accepted, Goldens, Rejections, RejectionsError, UnknownGroup, accept, choose
from harness.review.groups import Group, Pending, State, pending
from harness.review.origins import NAME as INDEX
from harness.review.origins import Origins, OriginsError, origin_of
from harness.review.sources import bundles

ROOT: Final = Path(__file__).resolve().parents[2]
LAST: Final = ROOT / ".harness" / "last"
_SHOWN: Final = 8
_QUESTION: Final = "accept, reject, skip or quit? [a/r/s/q] "
Say = Callable[[str], None]
Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    sources: tuple[Path, ...]
    snapshots: Path
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    listing: bool = False
    as_json: bool = False
    without_reference: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """The differences of one request, and the places where decisions about them go."""

    request: Request
    goldens: Goldens
    failure: type[Exception]
    rejections: Rejections
    rejected: frozenset[str]
    pending: Pending
    sources: tuple[Bundle, ...]

    @classmethod
    def open(cls, request: Request) -> Review:
        from harness.plugin.goldens import GoldenError, GoldenStore  # loads pytest, which --help need not wait for

        found = tuple(bundle for place in request.sources for bundle in bundles(place))
        store = GoldenStore(request.snapshots)
        first = request.sources[0]
        rejections = Rejections(first / REJECTED if len(request.sources) == 1 and first.is_dir() else None)
        left = pending(found, store.read, without_reference=request.without_reference)
        return cls(request, store, GoldenError, rejections, rejections.read(), left, found)

    def open_groups(self) -> tuple[Group, ...]:
        return tuple(group for group in self.pending.groups if group.id not in self.rejected)

    def accepted(self, groups: Sequence[Group]) -> Accepted:
        """Write the goldens of these groups, and where they come from."""
        outcome = accept(groups, self.goldens, self.failure)
        versions = {build.id: build.version for bundle in self.sources for build in bundle.artifacts}
        done = frozenset(outcome.written)
        origins = {
            change.key: (change.new, origin_of(group.artifacts, self.sources[0].reference, versions))
            for group in groups
            for change in group.changes
            if change.key in done
        }
        try:
            Origins(self.request.snapshots).record(origins)
        except OriginsError as error:
            return Accepted(outcome.written, (*outcome.refused, (INDEX, str(error))))
        return outcome

    def refreshed(self) -> Review:
        """The same after decisions were carried out."""
        left = pending(self.sources, self.goldens.read, without_reference=self.request.without_reference)
        return Review(self.request, self.goldens, self.failure, self.rejections, self.rejections.read(), left, self.sources)


def run(request: Request, say: Say, ask: Ask | None) -> int:
    """Carries the request out; ``ask`` is there only at a terminal."""
    from harness.faults import HarnessFault

    try:
        if not request.sources:
            return _nothing(request, say)
        review = Review.open(request)
        decided = bool(request.accept or request.reject)
        if decided:
            return _by_flag(review, say)
        if request.as_json or request.listing or ask is None:
            return _report(review, (), (), say)
        return _by_hand(review, say, ask)
    except (BundleError, UnknownGroup, RejectionsError, HarnessFault) as error:
        typer.echo(f"error: {error}", err=True)
        return 2


def _nothing(request: Request, say: Say) -> int:
    """No bundle at the usual place: the last run left none, because no cell of it failed."""
    say(json.dumps(_document((), (), (), ())) if request.as_json else "nothing is pending: the last run left no differences")
    return 0


def _by_flag(review: Review, say: Say) -> int:
    groups = review.open_groups()
    wanted, unwanted = choose(groups, review.request.accept), choose(groups, review.request.reject)
    both = {group.id for group in wanted} & {group.id for group in unwanted}
    if both and ("all" in review.request.accept) == ("all" in review.request.reject):
        raise UnknownGroup(f"{', '.join(sorted(both))}: cannot be accepted and rejected at once")
    # "all" means the rest: what is named on the other side keeps its own decision.
    wanted = tuple(group for group in wanted if group.id not in both or "all" not in review.request.accept)
    unwanted = tuple(group for group in unwanted if group.id not in both or "all" not in review.request.reject)
    _refuse_in_ci(wanted)
    outcome = review.accepted(wanted)
    review.rejections.add(unwanted)
    return _report(review, outcome.written, outcome.refused, say, {group.id for group in unwanted})


def _by_hand(review: Review, say: Say, ask: Ask) -> int:
    written: list[str] = []
    refused: list[tuple[str, str]] = []
    rejected: set[str] = set()
    for group in review.open_groups():
        for line in _shown(group, review.request.snapshots):
            say(line)
        if group.state is State.BLOCKED:
            continue
        answer = _answer(ask, say)
        if answer == "q":
            break
        if answer == "a":
            _refuse_in_ci((group,))
            outcome = review.accepted((group,))
            written += outcome.written
            refused += outcome.refused
        elif answer == "r":
            review.rejections.add((group,))
            rejected.add(group.id)
    return _report(review, tuple(written), tuple(refused), say, rejected, brief=True)


def _answer(ask: Ask, say: Say) -> str:
    """One of a, r, s, q; the end of the input is q."""
    while True:
        try:
            answer = ask(_QUESTION).strip().lower()[:1]
        except EOFError:
            return "q"
        if answer in ("a", "r", "s", "q"):
            return answer
        say("say a, r, s or q")


def _refuse_in_ci(groups: Sequence[Group]) -> None:
    if groups and os.environ.get("CI", "").lower() in ("1", "true"):
        raise UnknownGroup("goldens are never written while CI=true; take the bundle to a working copy and review it there with --from")


def _report(
    review: Review, written: Sequence[str], refused: Sequence[tuple[str, str]], say: Say, rejected: set[str] | None = None, *, brief: bool = False
) -> int:
    after = review.refreshed()
    left = tuple(group for group in after.open_groups() if group.id not in (rejected or ()))
    if review.request.as_json:
        say(json.dumps(_document(left, after.pending.others, written, refused), ensure_ascii=False))
        return 1 if left or refused else 0
    for line in _lines(left, after, written, refused, brief=brief):
        say(line)
    return 1 if left or refused else 0


def _lines(left: Sequence[Group], after: Review, written: Sequence[str], refused: Sequence[tuple[str, str]], *, brief: bool) -> list[str]:
    folder = after.request.snapshots
    lines = [f"written  {shown(folder / key)}" for key in written]
    lines += [f"refused  {what}: {why}" for what, why in refused]
    if not brief:
        for group in left:
            lines += _shown(group, folder)
    others = after.pending.others
    if others:
        lines.append(f"not for review: {_count(len(others), 'finding')} that no golden settles")
        lines += [f"    {text}" for text in others[:_SHOWN]]
        lines += [f"    … and {len(others) - _SHOWN} more"] if len(others) > _SHOWN else []
    waiting = sum(group.state is State.PENDING for group in left)
    if not left:
        return [*lines, "nothing is left to decide"]
    lines.append(f"{_count(waiting, 'group')} to decide, {len(left) - waiting} blocked")
    if waiting and not brief:
        lines.append("decide with --accept ID, --accept all or --reject ID, or run conformance review at a terminal")
    return lines


def _shown(group: Group, folder: Path) -> list[str]:
    # Of a blocked group the artifacts need not have printed the same.
    who = "in question on" if group.state is State.BLOCKED else "printed by"
    lines = [f"{group.id}  {_count(len(group.keys), 'new golden' if group.new else 'golden')}, {who} {', '.join(group.artifacts) or 'no artifact'}"]
    lines += [f"    {shown(folder / key)}" for key in group.keys[:_SHOWN]]
    lines += [f"    … and {len(group.keys) - _SHOWN} more"] if len(group.keys) > _SHOWN else []
    lines += [f"    {sentence}" for sentence in _origins(group, folder)]
    lines += [f"      {line}" for line in group.diff]
    if group.state is State.BLOCKED:
        lines.append(f"    blocked: {group.reason}")
    return lines


def _origins(group: Group, folder: Path) -> list[str]:
    """Where the goldens come from that would be replaced, each sentence once; that the index is broken hides no difference."""
    origins = Origins(folder)
    try:
        found = {origins.of(change.key, change.old) for change in group.changes if change.old is not None}
    except OriginsError as error:
        return [str(error)]
    return sorted(f"the golden was recorded from {origin}" for origin in found if origin is not None)[:_SHOWN]


def _document(left: Sequence[Group], others: Sequence[str], written: Sequence[str], refused: Sequence[tuple[str, str]]) -> dict[str, object]:
    return {
        "format": 1,
        "groups": [
            {
                "id": group.id,
                "state": group.state.value,
                "reason": group.reason,
                "new": group.new,
                "goldens": list(group.keys),
                "artifacts": list(group.artifacts),
                "diff": list(group.diff),
            }
            for group in left
        ],
        "others": list(others),
        "written": list(written),
        "refused": [{"what": what, "why": why} for what, why in refused],
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def command(
    source: Annotated[
        list[Path] | None, typer.Option("--from", help="A folder, zip file or bundle of a run made elsewhere; repeatable. Default: the last run here.")
    ] = None,
    accepted: Annotated[list[str] | None, typer.Option("--accept", metavar="ID|all", help="Accept this group; repeatable.")] = None,
    rejected: Annotated[list[str] | None, typer.Option("--reject", metavar="ID|all", help="Reject this group; repeatable.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Print what is pending and decide nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")] = False,
    without_reference: Annotated[bool, typer.Option("--without-reference", help="Accept also what the reference artifact has no say in.")] = False,
    snapshots: Annotated[Path, typer.Option(help="Folder of the goldens.")] = ROOT / "snapshots",
) -> None:
    """Decide on differences from goldens.

    Equal differences are one group. At a terminal each is shown and asked about; otherwise they are listed, or decided by --accept and --reject.
    Exit 0 when nothing is left to decide, 1 when something is, 2 when it cannot be done.
    """
    if listing and (accepted or rejected):
        raise typer.BadParameter("--list decides nothing; leave it out or leave --accept and --reject out")
    # Without --from: what the last run here has left, which may be nothing.
    sources = tuple(source or ((LAST,) if (LAST / NAME).is_file() else ()))
    request = Request(sources, snapshots, tuple(accepted or ()), tuple(rejected or ()), listing, as_json, without_reference)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    raise typer.Exit(run(request, typer.echo, input if terminal else None))
