"""A second look at a step that deviates, with both sides of every comparison changed in the same way; only where circumstances excuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.compare.base import CheckContext, StreamText
from harness.compare.judge import judge
from harness.model.observation import Observation
from harness.model.step import Step
from harness.model.template import Template
from harness.model.verdict import Finding, GoldenUse


@dataclass(frozen=True, slots=True)
class LenientContext:
    """A ``CheckContext`` over another one. Value trees stay as they are: data is no text that could be laid out otherwise."""

    strict: CheckContext
    change: Callable[[str], str]

    def stream(self, name: str, raw: bytes, written: bytes | None = None) -> StreamText:
        found = self.strict.stream(name, raw, written)
        return StreamText(found.name, found.raw, self.change(found.text))

    def resolve(self, template: Template) -> str:
        return self.change(self.strict.resolve(template))

    def resolve_value(self, value: object) -> object:
        return self.strict.resolve_value(value)

    def golden_key(self, step: str, stream: str) -> str:
        return self.strict.golden_key(step, stream)

    def golden(self, key: str) -> str | None:
        text = self.strict.golden(key)
        return None if text is None else self.change(text)

    def text_of(self, step: str, stream: str) -> str | None:
        text = self.strict.text_of(step, stream)
        return None if text is None else self.change(text)

    def record(self, use: GoldenUse) -> None:
        """Nothing: the use is recorded by the first look, with the text as it was."""

    def placeholder(self, kind: str, value: str) -> str:
        return self.strict.placeholder(kind, value)


def judge_leniently(step: Step, observation: Observation, context: CheckContext, change: Callable[[str], str] | None) -> tuple[Finding, ...]:
    """The findings as they stand, or none when all of them go away under the change."""
    findings = judge(step, observation, context)
    if findings and change is not None and not judge(step, observation, LenientContext(context, change)):
        return ()
    return findings
