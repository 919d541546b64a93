"""The results as one HTML file: cases down, artifacts across, filters, the details of each cell, and how to run it again.

No network: everything is inside, and the file's own security policy forbids the rest. Only the rows that can be seen are in the document, so that 50,000
cells open as fast as 50. The view (filters, open cell) stands in the fragment of the address.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from harness.report.figures import count
from harness.report.run import COUNTED, CellEvent, Run
from harness.report.visible import visible
from harness.report.wording import TITLES

if TYPE_CHECKING:
    # Loaded where they are used: every process of a run that writes no matrix starts without them.
    from jinja2 import Template
    from markupsafe import Markup

ABSENT = "."
"""Stands for a cell that there is not, in a row's codes."""
HARMLESS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def matrix(run: Run) -> Iterator[str]:
    """The file in pieces."""
    data = json.dumps(_shown(_data(run)), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    yield visible(_render(run, data))


def _render(run: Run, data: str) -> str:
    from markupsafe import Markup

    used = {cell.shown for cell in run.cells}
    return (
        _template().render(
            run=run,
            cases=count(len({(cell.scenario, cell.case) for cell in run.cells}), "case"),
            cells=count(len(run.cells), "cell"),
            words=[word for word in COUNTED if word in used] or list(COUNTED[:1]),
            titles=TITLES,
            counted=Counter((cell.artifact, cell.shown) for cell in run.cells),
            style=_part("matrix.css"),
            script=_part("matrix.js"),
            # JSON inside a script element: nothing in it can close the element.
            data=Markup(data.translate(HARMLESS)),
        )
        + "\n"
    )


def _data(run: Run) -> dict[str, object]:
    """What the script of the page works on; codes and indices keep it small."""
    columns = {artifact.id: column for column, artifact in enumerate(run.artifacts)}
    codes = {word: str(code) for code, word in enumerate(COUNTED)}
    tiers = list(dict.fromkeys(cell.tier for cell in run.cells))
    scenarios: dict[tuple[str, str, str], int] = {}
    rows: dict[tuple[str, str], tuple[int, str, list[str], list[float], int]] = {}
    details: dict[str, dict[str, object]] = {}
    for cell in run.cells:
        scenario = scenarios.setdefault((cell.scenario, cell.tier, cell.level), len(scenarios))
        empty = (scenario, cell.case, [ABSENT] * len(columns), [0.0] * len(columns), len(rows))
        row = rows.setdefault((cell.scenario, cell.case), empty)
        column = columns[cell.artifact]
        row[2][column] = codes[cell.shown]
        row[3][column] = round(cell.seconds * 1000, 1)
        if detail := _detail(cell):
            details[f"{row[4]}:{column}"] = detail
    return {
        "artifacts": list(columns),
        "verdicts": list(COUNTED),
        "titles": TITLES,
        "tiers": tiers,
        "scenarios": [[name, tiers.index(tier), level] for name, tier, level in scenarios],
        "rows": [[scenario, case, "".join(word), seconds, number] for scenario, case, word, seconds, number in rows.values()],
        "details": details,
        "tree": run.scenarios,
        "replay": run.replay,
    }


def _shown(value: object) -> object:
    """The data with every text as it is to be seen; a browser gives up on a lone surrogate."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return value


def _detail(cell: CellEvent) -> dict[str, object]:
    detail: dict[str, object] = {}
    if cell.reason:
        detail["reason"] = cell.reason
    if cell.findings:
        detail["findings"] = [
            {"step": f.step, "aspect": f.aspect, "message": f.message, "at": f.at, "check": f.check, "diff": list(f.diff)} for f in cell.findings
        ]
    if cell.kept:
        detail["kept"] = list(cell.kept)
    return detail


@cache
def _part(name: str) -> Markup:
    """Style and script stay as they are: braces mean something else in them than in a template."""
    from markupsafe import Markup

    return Markup(files("harness.report").joinpath("templates", name).read_text("utf-8").rstrip())


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("harness.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("matrix.html.j2")
