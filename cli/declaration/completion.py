"""`omnirelay completion …`: one verb per shell."""

from __future__ import annotations

from cli.declaration.marks import verb
from cli.declaration.options import group

completion = group("Complete commands in a shell.")


@completion.command("bash", short_help="Print the script for bash.")
@verb("omnirelay.commands.completion:bash", gear="front")
def bash() -> None:
    """Print the completion script for bash.

    Load it in a running shell with: eval "$(omnirelay completion bash)"
    """


@completion.command("zsh", short_help="Print the script for zsh.")
@verb("omnirelay.commands.completion:zsh", gear="front")
def zsh() -> None:
    """Print the completion script for zsh.

    Store it as _omnirelay in a directory of $fpath, or load it in a running shell with: eval "$(omnirelay completion zsh)"
    """


@completion.command("fish", short_help="Print the script for fish.")
@verb("omnirelay.commands.completion:fish", gear="front")
def fish() -> None:
    """Print the completion script for fish.

    Load it in a running shell with: omnirelay completion fish | source
    """


@completion.command("pwsh", short_help="Print the script for PowerShell.")
@verb("omnirelay.commands.completion:pwsh", gear="front")
def pwsh() -> None:
    """Print the completion script for PowerShell.

    Load it in a running shell with: omnirelay completion pwsh | Out-String | Invoke-Expression
    """
