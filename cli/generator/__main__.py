"""`python -m cli.generator [--check]`: writes what is generated, or compares it with what is there, when Typer is the one that the generator knows."""

from __future__ import annotations

import sys

from cli.declaration.marks import Misdeclared
from cli.generator import pins
from cli.generator.model import BuildError


def main(argv: list[str]) -> int:
    """Exit code 0 when written or equal, 1 otherwise."""
    try:
        pins.check()
        # Not before: it imports parts of Typer and Click that another version may not have.
        from cli.generator import writing

        return writing.run(argv)
    except (BuildError, Misdeclared) as problem:
        sys.stderr.write(f"error: {problem}\n")
    except (AttributeError, ImportError, TypeError) as fault:
        # What reads Typer may stumble over anything that another version has or does otherwise; that is no surprise worth a traceback.
        sys.stderr.write(f"error: {pins.of_foreign_fault(fault)}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
