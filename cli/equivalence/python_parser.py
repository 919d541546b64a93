"""The generated Python parser, as the frozen and the JIT artifact run it."""

from __future__ import annotations

from cli.equivalence.streams import Recorder
from cli.equivalence.surroundings import Surroundings
from cli.equivalence.vector import Seen, Vector
from omnirelay import __main__ as shipped
from omnirelay import grammar
from omnirelay._generated import registry
from omnirelay.render.usage import refusal_text


class PythonParser:
    """Grammar, tables and pages of the shipped package."""

    name = "generated Python parser"

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings

    def look(self, vector: Vector) -> Seen:
        """What the shipped package makes of `vector`; verbs that need more than the command line are not run."""
        self.surroundings.set(vector)
        recorder = Recorder()
        try:
            outcome = grammar.interpret(registry.ROOT, registry.node, list(vector.words))
        except grammar.Refused as refusal:
            recorder.err(refusal_text(refusal))
            return Seen("answer", stderr=recorder.stderr, code=1)
        if outcome.action in ("help", "bare"):
            code = shipped.answer(recorder, outcome)
            return Seen("answer", stdout=recorder.stdout, stderr=recorder.stderr, code=code)
        if outcome.action != "run":
            return Seen(outcome.action)
        path, values = outcome.node.path, tuple(sorted(outcome.values.items()))
        code = shipped.invoke(recorder, path, outcome.values) if registry.gear(path) == "front" else 0
        return Seen("run", path, values, tuple(sorted(outcome.given)), recorder.stdout, recorder.stderr, code)
