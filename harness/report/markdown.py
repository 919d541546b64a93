"""The report as Markdown, fit for a release body; long tables are folded, and it stays well under the limits that forges set."""

from __future__ import annotations

from harness.perf.record import PerfRecord
from harness.report.headline import headline
from harness.report.marking import escaped
from harness.report.view import Section, Table, sections

LIMIT = 100_000
"""Characters; forges cut release bodies at 125,000."""


def markdown(record: PerfRecord, matrix: str = "", further: tuple[Section, ...] = ()) -> str:
    """The whole file; ``matrix`` is the file beside it that shows every cell. The most detailed sections are dropped first should it be too long."""
    parts = sections(record, matrix, further)
    text = _document(record, parts)
    for detailed in ("steps-", "start-up"):
        if len(text) > LIMIT:
            parts = tuple(part for part in parts if not part.id.startswith(detailed))
            text = _document(record, parts)
    return text


def _document(record: PerfRecord, parts: tuple[Section, ...]) -> str:
    lines = [f"# {escaped(record.program)} {escaped(record.version)}: conformance and timing", ""]
    for sentence in headline(record):
        lines += [escaped(sentence), ""]
    for part in parts:
        lines += _section(part)
    return "\n".join(lines).rstrip() + "\n"


def _section(part: Section) -> list[str]:
    lines = [f"## {part.title}", ""]
    for paragraph in part.paragraphs:
        lines += [escaped(paragraph), ""]
    if part.link:
        lines += [f"[{escaped(part.link[0])}]({part.link[1]})", ""]
    if part.code:
        lines += ["```sh", part.code.replace("```", "'''"), "```", ""]
    if part.figure:
        lines += [f"![Ratios to the reference lines]({part.figure}.svg)", ""]
    for table in part.tables:
        lines += _folded(table) if part.figure else _table(table)
    return lines


def _folded(table: Table) -> list[str]:
    plain = Table(table.columns, table.rows, table.numeric_from)
    return [f"<details><summary>{escaped(table.caption)}</summary>", "", *_table(plain), "</details>", ""]


def _table(table: Table) -> list[str]:
    lines = [f"**{escaped(table.caption)}**", ""] if table.caption else []
    marks = ["---:" if place >= table.numeric_from else "---" for place in range(len(table.columns))]
    lines += [_row(table.columns), _row(marks, raw=True)]
    lines += [_row([cell.text for cell in row]) for row in table.rows]
    return [*lines, ""]


def _row(cells: tuple[str, ...] | list[str], *, raw: bool = False) -> str:
    return f"| {' | '.join(cell if raw else escaped(cell) for cell in cells)} |"
