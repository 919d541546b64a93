"""Another country: Turkish, with a decimal comma, an i that has no capital I, and an encoding of one byte per character.

The locale is made with the C library's own ``localedef`` in a folder of the runs, so nothing has to be installed but its sources, and no other
program of the machine sees it. Programs that bring their own C library may not know it; then they find a locale that does not exist,
which is what a user of theirs finds as well.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from harness.perturb.base import Environment, Perturbation, where_set

_LANGUAGE: Final = "tr_TR"
_CHARSET: Final = "ISO-8859-9"
NAME: Final = f"{_LANGUAGE}.{_CHARSET}"
_FOLDER: Final = "locale"
_SECONDS: Final = 120
_SOURCES: Final = Path("/usr/share/i18n/locales")
_INSTALL: Final = "install the package that has it (Debian: locales)"


def _made(workshop: Path) -> str:
    folder = workshop / _FOLDER
    if (folder / NAME).is_dir():
        return ""
    program = shutil.which("localedef")
    if program is None:
        return "the program localedef is not on the path, so no locale can be made; install it (Debian: libc-bin)"
    if not (_SOURCES / _LANGUAGE).is_file():
        return f"{_SOURCES / _LANGUAGE} is missing, from which the locale {NAME} is made; {_INSTALL}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Made beside and renamed as a whole, so that neither a run at the same time nor a kill leaves half of it.
        with tempfile.TemporaryDirectory(prefix="new-", dir=folder) as new:
            command = [program, "--no-archive", "-i", _LANGUAGE, "-f", _CHARSET, f"{new}/{NAME}"]
            done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
            if not Path(new, NAME, "LC_CTYPE").is_file():
                said = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
                return f"the locale {NAME} cannot be made: {said[0] if said else f'localedef ended with {done.returncode}'}; {_INSTALL}"
            with suppress(OSError):
                Path(new, NAME).rename(folder / NAME)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the locale {NAME} cannot be made: {error}"
    return "" if (folder / NAME).is_dir() else f"the locale {NAME} cannot be put into {folder}"


def _elsewhere(environment: Environment, workshop: Path) -> Environment:
    return {**environment, "LANG": NAME, "LC_ALL": NAME, "LOCPATH": str(workshop / _FOLDER)}


LOCALE: Final = Perturbation(
    name="locale",
    changes=f"LC_ALL={NAME}: decimal comma, other case rules, one byte per character",
    excuses="nothing",
    prepare=_made,
    environment=_elsewhere,
    process=where_set("LC_ALL"),
)
