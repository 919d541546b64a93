"""`python -m cli.equivalence …`: the commands of `commands.py`, when Typer is the one that the generator knows."""

from __future__ import annotations

import sys

from cli.generator import pins
from cli.generator.model import BuildError


def main() -> int:
    """Exit code 1 when the parsers cannot be asked; otherwise a command ends the process with its own."""
    try:
        pins.check()
        # Not before: it imports parts of Typer and Click that another version may not have.
        from cli.equivalence.commands import app

        app(prog_name="python -m cli.equivalence")
    except BuildError as problem:
        sys.stderr.write(f"error: {problem}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
