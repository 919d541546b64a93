"""From Python source to bytecode that is linked into the program, by the tool that CPython freezes its own modules with."""

from __future__ import annotations

import shutil
from pathlib import Path

from cli.publish.runtime import Runtime
from cli.publish.tools import Tools


def freeze(source: Path, name: str, work: Path, runtime: Runtime, tools: Tools) -> Path:
    """Writes `<source's name>.h` into `work`, with the array `_Py_M__<name>` of `source`, compiled under the file name `<frozen name>`."""
    copy = work / source.name
    if copy != source:
        shutil.copyfile(source, copy)
    header = work / f"{source.stem}.h"
    tools.run(f"freeze-{name}", [runtime.freezer, name, copy.name, header.name], ours=True, cwd=work)
    return header
