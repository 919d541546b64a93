"""What the documentation tells readers to type is typed here."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def first_scenario() -> str:
    page = (ROOT / "docs" / "contributors.md").read_text(encoding="utf-8")
    found = re.search(r"^   ```toml\n(.*?)^   ```", page, re.MULTILINE | re.DOTALL)
    assert found, "docs/contributors.md no longer shows a first scenario"
    return textwrap.dedent(found[1])


def test_the_first_scenario_passes_on_a_published_artifact(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios" / "integration" / "peers"
    folder.mkdir(parents=True)
    (folder / "my-first.toml").write_text(first_scenario(), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", "--artifact=jit-linux-x64"]
    places = [f"--scenarios={tmp_path / 'scenarios'}", f"--artifacts={ROOT / 'dist' / 'artifacts.json'}"]
    done = subprocess.run([*command, *places], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "jit-linux-x64  1 passed" in done.stdout


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", text))
    assert named and named <= targets
    for page in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / page).exists(), page
