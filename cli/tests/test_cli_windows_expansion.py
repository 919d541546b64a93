"""No interpreted kind expands words, on Windows neither, where Click would by default.

There is no interpreter for Windows here. What Click asks is `os.name`, and when: so the interpreter is told to be on Windows once everything is
imported, and the same words are also given to Click in the way in which it does expand them. Without that the test would see nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.equivalence.windows_lines import FILES, UNTOUCHED, VARIABLES
from cli.publish.staging import CLI

WORDS = [word for word in UNTOUCHED if not any("\ud800" <= character <= "\udfff" for character in word)]
SCRIPT = """
import importlib, os, sys
way, words = sys.argv[1], sys.argv[2:]
module = importlib.import_module("omnirelay.__main__" if way == "generated" else "cli.declaration.__main__")
words = ["explain", "--format", "json", "--", *words]
module.run(["explain", "--help"])
os.write(1, b"\\0")
os.name = "nt"
if way == "click":
    sys.argv[1:] = words
    result = module.typer.main.get_command(module.app).main(standalone_mode=False)
    words = list(result.values["words"])
    words = ["explain", "--format", "json", "--", *words]
code = module.run(words)
os._exit(code)
"""


def seen(folder: Path, way: str) -> list[str]:
    """The words that arrive at `explain`."""
    for file in FILES:
        (folder / file).write_text("expanded\n", encoding="ascii")
    environment = {**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join((str(CLI.parent), str(CLI)))}
    done = subprocess.run([sys.executable, "-c", SCRIPT, way, *WORDS], cwd=folder, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    return [token["text"] for token in json.loads(done.stdout.split(b"\0")[1])["tokens"]]


@pytest.mark.parametrize("way", ["twin", "generated"])
def test_words_arrive_as_they_are(tmp_path: Path, way: str) -> None:
    assert seen(tmp_path, way) == WORDS


def test_click_left_to_itself_would_have_expanded_them(tmp_path: Path) -> None:
    words = seen(tmp_path, "click")
    assert {"alpha.txt", "beta.txt", "expanded"} <= set(words) and "*.txt" not in words and "$OMNIRELAY_PROBE" not in words
