"""`omnirelay completion …`: prints a generated script, which then works without starting this program."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay.session import Session


def bash(session: Session) -> int:
    """The script for bash."""
    from omnirelay._generated.completion_bash import SCRIPT

    session.out(SCRIPT)
    return 0


def zsh(session: Session) -> int:
    """The script for zsh."""
    from omnirelay._generated.completion_zsh import SCRIPT

    session.out(SCRIPT)
    return 0


def fish(session: Session) -> int:
    """The script for fish."""
    from omnirelay._generated.completion_fish import SCRIPT

    session.out(SCRIPT)
    return 0


def pwsh(session: Session) -> int:
    """The script for PowerShell."""
    from omnirelay._generated.completion_pwsh import SCRIPT

    session.out(SCRIPT)
    return 0
