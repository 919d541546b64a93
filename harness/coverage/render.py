"""Coverage for a terminal, for programs, and for a page of Markdown. All say the same: figures by kind, places worst first, gaps and how to close them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

from harness.coverage.measure import Coverage
from harness.coverage.surface import advice


def as_text(coverage: Coverage) -> str:
    return "\n".join(_text_lines(coverage)) + "\n"


def _text_lines(coverage: Coverage) -> Iterator[str]:
    yield headline(coverage)
    yield ""
    yield f"{'rows':<10}{'exercised':>12}{'share':>9}{'floor':>9}"
    for kind, count in coverage.kinds.items():
        yield f"{kind:<10}{f'{count.covered}/{count.total}':>12}{f'{count.share:.1f} %':>9}{f'{coverage.floor.least[kind]:.1f} %':>9}"
    open_places = [(place, count) for place, count in coverage.places if count.covered < count.total]
    if open_places:
        width = max(len(place) for place, _ in open_places) + 2
        yield ""
        yield f"{'worst first':<{width}}{'exercised':>12}{'share':>9}"
        yield from (f"{place:<{width}}{f'{count.covered}/{count.total}':>12}{f'{count.share:.1f} %':>9}" for place, count in open_places)
        yield ""
        yield "not exercised by any scenario, and what to write"
        for row in coverage.gaps:
            yield f"  {row.name}"
            yield f"      {advice(row)}"


def headline(coverage: Coverage) -> str:
    covered = sum(count.covered for count in coverage.kinds.values())
    total = sum(count.total for count in coverage.kinds.values())
    left_out = f"; {coverage.impossible} more cannot be, see the floor's file" if coverage.impossible else ""
    part = "" if coverage.whole else ", which is a part of the suite only"
    return f"{coverage.program}: {covered} of {total} rows of its surface are exercised by {coverage.source}{part}{left_out}"


def as_json(coverage: Coverage) -> str:
    document = {
        "format": 1,
        "program": coverage.program,
        "source": coverage.source,
        "whole": coverage.whole,
        "impossible": coverage.impossible,
        "kinds": {
            kind: {"covered": count.covered, "total": count.total, "share": count.share, "floor": coverage.floor.least[kind]}
            for kind, count in coverage.kinds.items()
        },
        "places": [{"place": place, "covered": count.covered, "total": count.total} for place, count in coverage.places],
        "gaps": [{"kind": row.kind, "place": row.place, "what": row.what, "advice": advice(row)} for row in coverage.gaps],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_markdown(coverage: Coverage) -> str:
    return "\n".join(_markdown_lines(coverage)) + "\n"


def _markdown_lines(coverage: Coverage) -> Iterator[str]:
    yield f"# Coverage of the surface\n\n{headline(coverage)}.\n"
    yield "| rows | exercised | share | floor |\n|---|--:|--:|--:|"
    for kind, count in coverage.kinds.items():
        yield f"| {kind} | {count.covered}/{count.total} | {count.share:.1f} % | {coverage.floor.least[kind]:.1f} % |"
    if coverage.gaps:
        yield "\n| not exercised by any scenario | what to write |\n|---|---|"
        yield from (f"| {_cell(row.name)} | {_cell(advice(row))} |" for row in coverage.gaps)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


RENDERERS: Final[dict[str, Callable[[Coverage], str]]] = {"text": as_text, "json": as_json, "markdown": as_markdown}
