"""A place with blanks, an accent and an apostrophe in its path: the working directory, the home and the folder for temporary files lie below it."""

from __future__ import annotations

from typing import Final

from harness.perturb.base import Perturbation

FOLDER: Final = "it's a plac\u00e9 "

CWD_WITH_SPACES: Final = Perturbation(
    name="cwd-with-spaces",
    changes="blanks, an accent and an apostrophe in the paths of the sandbox",
    excuses="nothing",
    process=lambda spec, basis: spec,
    folder=FOLDER,
)
