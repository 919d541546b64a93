"""The rule for names that may be offered, held against the shells themselves: each takes such a word as it is."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_names import FRIENDLY, HOSTILE

from omnirelay import shell_names

SIGNS = "abXYZ019._-:/@+%"
COMMANDS = {
    "sh": ["sh"],
    "bash": ["bash", "--noprofile", "--norc", "-O", "extglob"],
    "zsh": ["zsh", "-f", "-o", "extendedglob", "-o", "magicequalsubst", "-o", "banghist"],
    "fish": ["fish", "--no-config"],
}


def test_hostile_names_are_left_out_and_others_are_not() -> None:
    assert [name for name in HOSTILE if shell_names.offered(name)] == []
    assert [name for name in [*FRIENDLY, "_x", "Büro-1", "節点", "x" * 255] if not shell_names.offered(name)] == []
    assert not shell_names.offered("") and not shell_names.offered("x" * 256)


def test_every_character_that_is_no_letter_and_no_digit_is_named() -> None:
    let_through = {chr(code) for code in range(0x110000) if shell_names.offered("a" + chr(code))}
    assert {char for char in let_through if not char.isalnum()} == set("._-:/@+%")
    assert all(char.isprintable() and not char.isspace() for char in let_through)


@pytest.mark.parametrize("shell", COMMANDS)
def test_a_shell_takes_an_offered_name_as_it_is(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"not run: install {shell}")
    source = random.Random(7)
    names = [name for _ in range(4000) if shell_names.offered(name := "".join(source.choices(SIGNS, k=source.randint(1, 9))))]
    names += ["Büro-1", "節点", *FRIENDLY]
    script = tmp_path / "script"
    script.write_text(f"printf '%s\\n' {' '.join(names)}\n", encoding="utf-8")
    # Files that a pattern would find.
    (tmp_path / "a").write_text("")
    done = subprocess.run([*COMMANDS[shell], str(script)], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().split("\n")[:-1] == names and len(names) > 2000
