"""Every perturbation, in the order in which cells run under them. A new one is one file and one entry here."""

from __future__ import annotations

import difflib
from typing import Final

from harness.perturb.base import Perturbation
from harness.perturb.closed_stdin import CLOSED_STDIN
from harness.perturb.cwd_with_spaces import CWD_WITH_SPACES
from harness.perturb.locale import LOCALE
from harness.perturb.no_tty import NO_TTY
from harness.perturb.readonly_home import READONLY_HOME
from harness.perturb.slow_pipe import SLOW_PIPE
from harness.perturb.width import WIDTH

ALL: Final = "all"
PERTURBATIONS: Final = {item.name: item for item in (LOCALE, WIDTH, CWD_WITH_SPACES, READONLY_HOME, CLOSED_STDIN, SLOW_PIPE, NO_TTY)}


def named(texts: list[str]) -> tuple[Perturbation, ...]:
    """The perturbations that options like ``locale,width`` and ``all`` mean, each once, in the order of the registry; ``ValueError`` for another name."""
    names = {name.strip() for text in texts for name in text.split(",")}
    for name in sorted(names - PERTURBATIONS.keys() - {ALL}):
        near = difflib.get_close_matches(name, (*PERTURBATIONS, ALL), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(PERTURBATIONS)} and {ALL}"
        raise ValueError(f"there is no perturbation {name!r}; {hint}")
    return tuple(item for name, item in PERTURBATIONS.items() if name in names or ALL in names)
