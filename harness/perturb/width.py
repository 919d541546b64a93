"""A narrow terminal: ``COLUMNS`` is 50 where goldens were recorded at 80.

Texts for people are folded at other places and indented otherwise, and nothing else. So what does not hold as it stands is compared again with
every run of blanks and line ends as one blank: a word that is missing, added or changed still shows.
"""

from __future__ import annotations

from typing import Final

from harness.perturb.base import Environment, Perturbation, where_set

_COLUMNS: Final = "COLUMNS"


def reflowed(text: str) -> str:
    """The words of a text in one line; a text without any stays what it is, since an empty stream is not one with blanks."""
    return " ".join(text.split()) or text


WIDTH: Final = Perturbation(
    name="width",
    changes="COLUMNS=50 in place of 80",
    excuses="where lines are folded and how far they are indented",
    environment=lambda environment, workshop: _narrow(environment),
    process=where_set(_COLUMNS),
    lenient=reflowed,
)


def _narrow(environment: Environment) -> Environment:
    return {**environment, _COLUMNS: "50"}
