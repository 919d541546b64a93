"""The registry of result formats: each is one file of this folder and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from harness.report.format import Format

FORMATS: Mapping[str, Format] = {
    item.name: item
    for item in (
        Format("results", "--results", "JSON lines, from which every other format is made", "harness.report.events:lines"),
        Format("junit", "--junit", "JUnit XML", "harness.report.junit:junit"),
        Format("ctrf", "--ctrf", "CTRF JSON", "harness.report.ctrf:ctrf"),
        Format(
            "summary",
            "--step-summary",
            "Markdown for the summary page of a CI step (also appended to $GITHUB_STEP_SUMMARY)",
            "harness.report.step_summary:step_summary",
        ),
        Format("matrix", "--matrix", "HTML matrix of scenarios by artifact", "harness.report.matrix:matrix"),
        Format("canonical", "", "JSON lines without times, to compare two runs", "harness.report.canonical:canonical"),
        Format("durations", "", "how long each case took, for --shard", "harness.report.durations:durations"),
    )
}
