"""What the judge of one cell knows: the ``CheckContext`` of ``harness.compare.base`` over a cell's scope, its normaliser and the goldens."""

from __future__ import annotations

from collections.abc import Sequence

from harness.compare.base import StreamText
from harness.compare.goldens import golden_key
from harness.execute.scope import Scope
from harness.execute.services import Goldens
from harness.execute.world import CellWorld
from harness.model.observation import Observation
from harness.model.scenario import Case, Scenario
from harness.model.template import Template, fill, fill_value
from harness.model.verdict import GoldenUse
from harness.normalise.identity import Identities
from harness.normalise.registry import decode
from harness.normalise.screen import normalise_screen


class CellContext:
    """Goldens used and numbers given so far. ``attempt`` and ``adopt`` keep what a polled step does from leaving traces until it holds."""

    def __init__(self, scenario: Scenario, case: Case, world: CellWorld, scope: Scope, goldens: Goldens, observations: Sequence[Observation]) -> None:
        self._scenario = scenario
        self._case = case
        self._world = world
        self._scope = scope
        self._goldens = goldens
        self._observations = observations
        self._identities = Identities()
        self.uses: list[GoldenUse] = []

    def attempt(self) -> CellContext:
        """A context that begins with what is known, and whose own findings can be thrown away."""
        other = CellContext(self._scenario, self._case, self._world, self._scope, self._goldens, self._observations)
        other._identities = self._identities.copy()
        return other

    def adopt(self, attempt: CellContext) -> None:
        self._identities = attempt._identities
        self.uses.extend(attempt.uses)

    def stream(self, name: str, raw: bytes, written: bytes | None = None) -> StreamText:
        text = decode(raw)
        return StreamText(name, raw, self._world.normalise(text) if written is None else normalise_screen(text, written, self._world.subject))

    def resolve(self, template: Template) -> str:
        return fill(template, self._scope.normalised(self._world.normalise))

    def resolve_value(self, value: object) -> object:
        return fill_value(value, self._scope.normalised(self._world.normalise))

    def golden_key(self, step: str, stream: str) -> str:
        return golden_key(self._scenario.id, self._case.id, step, stream)

    def golden(self, key: str) -> str | None:
        return self._goldens.read(key)

    def text_of(self, step: str, stream: str) -> str | None:
        observation = next((item for item in reversed(self._observations) if item.step == step), None)
        if observation is None:
            return None
        if stream == "screen":
            return None if observation.terminal is None else normalise_screen(observation.screen, observation.terminal, self._world.subject)
        raw = dict(observation.streams()).get(stream)
        return None if raw is None else self._world.normalise(decode(raw))

    def record(self, use: GoldenUse) -> None:
        self.uses.append(use)

    def placeholder(self, kind: str, value: str) -> str:
        return self._identities.placeholder(kind, value)
