"""Writes a report: ``report.md``, ``report.html``, ``start-up.svg`` and ``perf.json``, each whole or not at all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from harness.perf import codec
from harness.perf.record import Conformance, PerfRecord
from harness.report import plot
from harness.report.conformance import check_same_files
from harness.report.html import html
from harness.report.markdown import markdown


def write_report(record: PerfRecord, conformance: Conformance | None, out_dir: Path) -> PerfRecord:
    """The report over one timing session and, where there was one, the functional run over the same files; returns what it shows."""
    if conformance is not None:
        check_same_files(record, conformance)
    whole = replace(record, conformance=conformance)
    out_dir.mkdir(parents=True, exist_ok=True)
    codec.write(out_dir / "perf.json", whole)
    _write(out_dir / "start-up.svg", plot.standalone(plot.forest(whole)))
    _write(out_dir / "report.html", html(whole))
    _write(out_dir / "report.md", markdown(whole))
    return whole


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
