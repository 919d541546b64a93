"""Three voices on every deviation: what is expected, what the reference artifact does, and what the candidate does. Which of them agree says what to do.

The reference agrees with the expectation and the candidate does not: the candidate is wrong. All artifacts agree and the golden differs: the behaviour
has changed, and somebody has to say whether that was wanted. All three differ: nobody can be trusted yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.compare.divergence import content
from harness.compare.goldens import GOLDEN_CHECKS
from harness.model.verdict import CellResult, Finding, Verdict

_NO_VOICE: Final = frozenset({"ledger", "level"})
"""Aspects that say something about the suite's own rules and nothing about what a program does."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case on all artifacts that came to a result."""

    results: tuple[CellResult, ...]
    reference: str
    """Id of the reference artifact, whether it was run or not."""
    printed: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """Artifact, step and stream to what was compared with a golden and deviates: diffs are shortened, texts are not."""
    missing: Collection[tuple[str, str]] = frozenset()
    """Steps and streams whose golden does not exist yet."""


@dataclass(frozen=True, slots=True)
class _Camps:
    """Where artifacts stand on one finding."""

    same: tuple[str, ...]
    """They deviate in this very way."""
    other: tuple[str, ...]
    """They deviate at the same place in another way."""
    clean: tuple[str, ...]
    """They do as expected."""
    silent: tuple[str, ...]
    """They did not come to this step."""

    @property
    def everybody(self) -> tuple[str, ...]:
        return tuple(sorted((*self.same, *self.other, *self.clean, *self.silent)))


def accord(case: Case, artifact: str) -> tuple[str, ...]:
    """What the three voices say about the failed cell of an artifact: one sentence per step, led by the step's name where they differ."""
    result = next(result for result in case.results if result.artifact == artifact)
    told: dict[str, dict[str, None]] = {}
    for finding in result.findings:
        if finding.aspect not in _NO_VOICE:
            told.setdefault(finding.step, {})[_sentence(case, artifact, finding)] = None
    several = len({tuple(sentences) for sentences in told.values()}) > 1
    if not several:
        told = dict(list(told.items())[:1])
    return tuple(f"step {step}: {sentence}" if several else sentence for step, sentences in told.items() for sentence in sentences)


def _sentence(case: Case, artifact: str, finding: Finding) -> str:
    camps = _camps(case, artifact, finding)
    expected = "the golden" if finding.check in GOLDEN_CHECKS else "the scenario"
    if len(camps.everybody) == 1:
        return _alone(case, artifact, finding)
    if (finding.step, finding.aspect) in case.missing and finding.check in GOLDEN_CHECKS:
        return _unrecorded(camps)
    if camps.same == camps.everybody:
        what = "the golden differs: behaviour changed, review it" if expected == "the golden" else "the scenario says otherwise: one of the two is wrong"
        return f"all {len(camps.same)} artifacts agree and {what}"
    return _divided(case.reference, camps, expected)


def _alone(case: Case, artifact: str, finding: Finding) -> str:
    begin = "no golden yet; " if (finding.step, finding.aspect) in case.missing and finding.check in GOLDEN_CHECKS else ""
    if artifact == case.reference:
        return f"{begin}only {artifact}, the reference, ran this case: run the others to know whether they agree"
    return f"{begin}only {artifact} ran this case: run it on {case.reference}, the reference, to know which of them differs"


def _unrecorded(camps: _Camps) -> str:
    if camps.same == camps.everybody:
        return f"no golden yet; all {len(camps.same)} artifacts agree: review it"
    rest = [*([_names(camps.other) + " differ" + _s(camps.other)] if camps.other else []), *_silent(camps)]
    return f"no golden yet, and the artifacts do not agree on one: {'; '.join([_names(camps.same) + ' print' + _s(camps.same) + ' this', *rest])}"


def _divided(reference: str, camps: _Camps, expected: str) -> str:
    tail = "".join(
        f"; {part}" for part in [*([f"{_names(camps.other)} in another way"] if camps.other and reference not in camps.other else []), *_silent(camps)]
    )
    if reference in camps.clean:
        return f"reference {reference} agrees with {expected}; only {_names(camps.same)} differ{_s(camps.same)}{tail}"
    agreeing = f"; {_names(camps.clean)} agree{_s(camps.clean)} with {expected}" if camps.clean else ""
    if reference in camps.same:
        if camps.same == (reference,):
            return f"only the reference {reference} differs in this way{agreeing}{tail}"
        return f"reference {reference} differs from {expected} in the same way{agreeing}{tail}"
    if reference in camps.other:
        return f"all three disagree: {expected}, reference {reference}, and {_names(camps.same)}{agreeing}{tail}"
    said = "did not come to this step" if reference in camps.silent else "did not run this case"
    return f"reference {reference} {said}; {_names(camps.same)} differ{_s(camps.same)} from {expected}{agreeing}"


def _silent(camps: _Camps) -> list[str]:
    return [f"{_names(camps.silent)} did not come to this step"] if camps.silent else []


def _camps(case: Case, artifact: str, finding: Finding) -> _Camps:
    mine = _content(case, artifact, finding)
    camps: dict[str, list[str]] = {"same": [], "other": [], "clean": [], "silent": []}
    for result in sorted(case.results, key=lambda result: result.artifact):
        if result.verdict in (Verdict.UNSUPPORTED, Verdict.HARNESS_ERROR):
            continue
        here = [item for item in result.findings if (item.step, item.aspect) == (finding.step, finding.aspect)]
        if any(_content(case, result.artifact, item) == mine for item in here):
            camps["same"].append(result.artifact)
        elif here:
            camps["other"].append(result.artifact)
        else:
            camps["clean" if _came_to(result, finding) else "silent"].append(result.artifact)
    return _Camps(*(tuple(camps[name]) for name in ("same", "other", "clean", "silent")))


def _came_to(result: CellResult, finding: Finding) -> bool:
    """Whether nothing stopped the artifact in an earlier step: a deviation from a golden does not stop it, everything else does.

    Steps are told apart by their places. Of a step that comes from another file nobody can say here whether it is an earlier one, so it counts as one.
    """
    stops = [item.position for item in result.findings if item.check not in GOLDEN_CHECKS and item.aspect not in _NO_VOICE and item.step != finding.step]
    return all(stop.path == finding.position.path and stop.line > finding.position.line for stop in stops)


def _content(case: Case, artifact: str, finding: Finding) -> object:
    if finding.check in GOLDEN_CHECKS and (text := case.printed.get((artifact, finding.step, finding.aspect))) is not None:
        return text
    return content("", finding)


def _names(artifacts: Iterable[str]) -> str:
    return ", ".join(artifacts)


def _s(artifacts: tuple[str, ...]) -> str:
    return "s" if len(artifacts) == 1 else ""
