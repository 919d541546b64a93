"""`omnirelay completion …`: one verb for each shell, and one for each kind of names that the scripts ask for."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.declaration.marks import verb
from cli.declaration.options import Namespace, Url, group
from omnirelay import defaults

completion = group("Complete commands in a shell.")
candidates = group("Print names for completion.")
completion.add_typer(candidates, name="candidates")

Prefix = Annotated[str | None, typer.Option("--prefix", help="Only names that start with this text.")]
Typed = Annotated[
    str | None,
    typer.Option("--typed", help="What stands on the line already: where shards are too many to print, only those that hold it are asked for."),
]
Without = Annotated[str | None, typer.Option("--without", help="Only names that do not hold this text.")]
MaxAge = Annotated[str, typer.Option("--max-age", help="How old an earlier answer may be to be used again; 0s asks anew.")]
Quickly = Annotated[str, typer.Option("--timeout", help="Time limit for asking; what came within it is printed.")]


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


@candidates.command("peers", short_help="Print the node ids of the mesh.")
@verb("omnirelay.commands.candidates:peers")
def peers(
    url: Url = defaults.URL,
    prefix: Prefix = None,
    without: Without = None,
    max_age: MaxAge = defaults.NAMES_MAX_AGE,
    timeout: Quickly = defaults.NAMES_TIMEOUT,
) -> None:
    """Print the node ids of the mesh, one on a line, for a shell that completes a word.

    The completion scripts call this when TAB is pressed. An answer is kept below ~/.cache/omnirelay and used again for a short while, and for a
    day when the control plane does not answer. Names that a shell would take apart or run are left out.
    """


@candidates.command("namespaces", short_help="Print the namespaces that hold shards.")
@verb("omnirelay.commands.candidates:namespaces")
def namespaces(
    url: Url = defaults.URL,
    prefix: Prefix = None,
    without: Without = None,
    max_age: MaxAge = defaults.NAMES_MAX_AGE,
    timeout: Quickly = defaults.NAMES_TIMEOUT,
) -> None:
    """Print the namespaces that hold shards, one on a line, for a shell that completes a word.

    An answer is kept and used again as that of omnirelay completion candidates peers is.
    """


@candidates.command("shards", short_help="Print the names of shards.")
@verb("omnirelay.commands.candidates:shards")
def shards(
    url: Url = defaults.URL,
    namespace: Namespace = None,
    typed: Typed = None,
    prefix: Prefix = None,
    without: Without = None,
    max_age: MaxAge = defaults.NAMES_MAX_AGE,
    timeout: Quickly = defaults.NAMES_TIMEOUT,
) -> None:
    """Print the names of shards, one on a line, for a shell that completes a word.

    An answer is kept and used again as that of omnirelay completion candidates peers is. At most 10,000 names are printed; where there
    may be more, --typed, or else --prefix, says which of them are asked for.
    """
