"""Writes a report: ``report.md``, ``report.html``, ``start-up.svg`` and ``perf.json``, and the matrix of the functional run, each whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.perf import codec
from harness.perf.record import Conformance, PerfRecord
from harness.report import plot
from harness.report.conformance import check_same_files
from harness.report.files import write_text
from harness.report.html import html
from harness.report.markdown import markdown
from harness.report.matrix import matrix
from harness.report.run import Run
from harness.report.view import Section

MATRIX = "matrix.html"


def write_report(record: PerfRecord, conformance: Conformance | None, out_dir: Path, run: Run | None = None, further: tuple[Section, ...] = ()) -> PerfRecord:
    """The report over one timing session and, where there was one, the functional run over the same files; returns what it shows.

    With the cells of that run in ``run``, the report links to their matrix, which is written beside it. ``further`` are sections that others made.
    """
    if conformance is not None:
        check_same_files(record, conformance)
    whole = replace(record, conformance=conformance)
    out_dir.mkdir(parents=True, exist_ok=True)
    codec.write(out_dir / "perf.json", whole)
    link = MATRIX if run is not None else ""
    if run is not None:
        write_text(out_dir / MATRIX, matrix(run))
    write_text(out_dir / "start-up.svg", [plot.standalone(plot.forest(whole))])
    write_text(out_dir / "report.html", [html(whole, link, further)])
    write_text(out_dir / "report.md", [markdown(whole, link, further)])
    return whole
