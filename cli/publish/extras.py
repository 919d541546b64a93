"""Manual pages and completion scripts that travel with an artifact, below `share/`, where systems look for them."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

from cli.publish.digests import sources_digest
from cli.publish.errors import PublishError
from cli.publish.staging import CLI, PACKAGE

MAN = CLI.parent / "docs" / "man"
SCRIPTS = {
    "bash": "bash-completion/completions/omnirelay",
    "zsh": "zsh/site-functions/_omnirelay",
    "fish": "fish/vendor_completions.d/omnirelay.fish",
    "pwsh": "omnirelay/omnirelay.ps1",
}
"""Shell → the place of its script below `share/`. The first three shells read theirs without being told."""


def extras_digest() -> str:
    """The digest of what is not in the package; the scripts are."""
    return sources_digest(MAN, (".1",))


def place_extras(place: Path) -> None:
    """Writes `place / "share"`."""
    share = place / "share"
    manual = share / "man" / "man1"
    manual.mkdir(parents=True)
    pages = sorted(MAN.glob("*.1"))
    if not pages:
        raise PublishError(f"{MAN}: holds no manual pages; run python -m cli.generator")
    for page in pages:
        shutil.copyfile(page, manual / page.name)
        (manual / page.name).chmod(0o644)
    for shell, name in SCRIPTS.items():
        path = share / name
        path.parent.mkdir(parents=True)
        path.write_text(_script(shell), encoding="utf-8")
        path.chmod(0o644)


def _script(shell: str) -> str:
    """The text in the generated module, read without importing the product."""
    source = PACKAGE / "_generated" / f"completion_{shell}.py"
    for node in ast.parse(source.read_bytes()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return node.value.value
    raise PublishError(f"{source}: holds no script; run python -m cli.generator")
