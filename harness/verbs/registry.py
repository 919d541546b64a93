"""All verbs. A new one is one file and one line here."""

from __future__ import annotations

from typing import Any, Final

from harness.model.step import VerbSpec
from harness.verbs.base import Verb
from harness.verbs.received import Received
from harness.verbs.run import Run
from harness.verbs.send import Send
from harness.verbs.signal import Signal
from harness.verbs.start import Start
from harness.verbs.type import Type
from harness.verbs.wait import Wait

VERBS: Final[tuple[Verb[Any], ...]] = (Run(), Start(), Wait(), Signal(), Type(), Send(), Received())
_BY_TYPE: Final = {verb.spec_type: verb for verb in VERBS}


def verb_of(spec: VerbSpec) -> Verb[Any]:
    return _BY_TYPE[type(spec)]
