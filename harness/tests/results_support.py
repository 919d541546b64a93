"""Runs for tests of result formats: one cell of each kind, with text that every format must make harmless."""

from __future__ import annotations

from harness.model.verdict import Verdict
from harness.report.run import ArtifactEvent, CellEvent, FindingEvent, NotRunEvent, Run, ordered

NASTY = "</script><img src=x onerror=alert(1)> ]]> & \" ' | ``` \x1b[31m\x00 \udc80 \ufffe é"
FINDING = FindingEvent("drain", "stdout", f"stdout differs {NASTY}", "scenarios/unit/parse/words.toml:7:3", "equals", ("  same", f"- {NASTY}", "+ here"))
ARTIFACTS = (ArtifactEvent("native-linux-x64", "a" * 64, "1.2.3"), ArtifactEvent("frozen-linux-x64", "b" * 64, "1.2.3"))


def cell(case: str, artifact: str, verdict: Verdict, *, scenario: str = "unit/parse/words", reason: str = "", **more: object) -> CellEvent:
    findings = (FINDING,) if verdict in (Verdict.FAILED, Verdict.EXPECTED_FAILURE) else ()
    kept = (f"{scenario}/{case}/{artifact}/drain.stdout",) if findings else ()
    return CellEvent(scenario, case, artifact, scenario.split("/")[0], "must", verdict, 0.25, reason, findings, kept, **more)  # type: ignore[arg-type]  # only in tests


def every_kind() -> Run:
    """Each verdict once, a tolerated failure, a case without a name, a problem, and a platform that was not run."""
    native, frozen = (artifact.id for artifact in ARTIFACTS)
    cells = (
        cell("good", native, Verdict.PASSED),
        cell("bad", native, Verdict.FAILED),
        cell("known", native, Verdict.EXPECTED_FAILURE, reason="the kernel is old"),
        cell("terminal", native, Verdict.UNSUPPORTED, reason=f"the artifact lacks tty {NASTY}"),
        cell("broken", native, Verdict.HARNESS_ERROR, reason="server plane died"),
        cell("allowed", native, Verdict.FAILED, tolerated=True),
        cell("", frozen, Verdict.PASSED, scenario="feature/upgrade/drain"),
    )
    stopped = NotRunEvent("scenarios/unit/a.toml", f"cannot be loaded: {NASTY}")
    return ordered(
        Run(
            "omnirelay",
            ARTIFACTS,
            cells,
            (NotRunEvent("native-win-x64", "no wine on this host"), stopped),
            (stopped,),
            reference=native,
            suite="c" * 64,
            replay=".venv/bin/pytest",
            started="2025-01-02T03:04:05Z",
            seconds=2.5,
        )
    )
