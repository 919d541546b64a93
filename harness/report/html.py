"""The report as one HTML file: no network, no script, styles and plots inside, readable in light and dark and on paper."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from harness.perf.record import PerfRecord
from harness.report import plot
from harness.report.headline import headline
from harness.report.view import Section, sections

LOOSE = re.compile(r"(?<=[\d,]) (?=\d|ms\b|MiB\b|KiB\b)")


def html(record: PerfRecord, matrix: str = "", further: tuple[Section, ...] = ()) -> str:
    """The whole file; ``matrix`` is the file beside it that shows every cell."""
    return _template().render(
        record=record,
        headline=headline(record),
        sections=sections(record, matrix, further),
        # Both plots are made by this package, which escapes every text that it puts into them.
        figures={"start-up": (Markup(plot.forest(record)), Markup(plot.levels(record)))},
        plot_style=Markup(plot.STYLE),
        plot_dark=Markup(plot.DARK),
    )


def unbroken(text: str) -> str:
    """The text with figures kept on one line with their units and inside their brackets."""
    return LOOSE.sub("\u00a0", text)


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("harness.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["unbroken"] = unbroken
    return environment.get_template("report.html.j2")
