"""`omnirelay mesh shards …`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.declaration.marks import names_of, offers, verb
from cli.declaration.options import NONE_GIVEN, Json, Namespace, TableFormat, TableOrJson, TextFormat, TextOrJson, Timeout, Url, group
from omnirelay import defaults

shards = group("See who owns which shard.")

Owner = Annotated[str | None, typer.Option("--owner", autocompletion=names_of("peers"), help="Only shards that this node owns.")]
Search = Annotated[str | None, typer.Option("--search", autocompletion=names_of("shards"), help="Only shards whose name contains this text.")]
Statuses = Annotated[
    list[str],
    typer.Option(
        "--status",
        autocompletion=offers("Active", "Draining", "Paused", "Disabled", commas=True),
        help="Only shards in this state: Active, Draining, Paused or Disabled; may be repeated, or hold several with commas between them.",
    ),
]


@shards.command("list", short_help="List shards and their owners.")
@verb("omnirelay.commands.shards_list:run")
def list_shards(
    url: Url = defaults.URL,
    namespace: Namespace = None,
    owner: Owner = None,
    search: Search = None,
    status: Statuses = NONE_GIVEN,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Where to go on: the next cursor that an earlier page named.")] = None,
    page_size: Annotated[
        int | None, typer.Option("--page-size", help="How many shards one page holds; without it the server decides (with --all: 500).")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Follow the cursor to the end, page by page.")] = False,
    output: TableFormat = TableOrJson.TABLE,
    as_json: Json = False,
    timeout: Annotated[str, typer.Option("--timeout", help="Time limit for the whole call, such as 5s or 1m; with --all for each page.")] = defaults.TIMEOUT,
) -> None:
    """List shards with owner, state and version, by namespace and name.

    One page is fetched, and the cursor of the next one is printed; --all fetches them all. Filters are combined: a shard has to pass every one.
    """


@shards.command("diff", short_help="Show how shards changed owners.")
@verb("omnirelay.commands.shards_diff:run")
def diff_shards(
    url: Url = defaults.URL,
    namespace: Namespace = None,
    owner: Owner = None,
    search: Search = None,
    status: Statuses = NONE_GIVEN,
    from_version: Annotated[int | None, typer.Option("--from-version", help="Only changes from this position on; 0 is the beginning.")] = None,
    to_version: Annotated[int | None, typer.Option("--to-version", help="Only changes up to this position.")] = None,
    output: TextFormat = TextOrJson.TEXT,
    as_json: Json = False,
    timeout: Timeout = "15s",
) -> None:
    """Show how shards changed owners, oldest change first.

    Each change has a position, and names the owner before and after, the state, the shard version, and who asked for it where that is known.
    """


@shards.command("simulate", short_help="Show what a set of nodes would own.")
@verb("omnirelay.commands.shards_simulate:run")
def simulate_shards(
    url: Url = defaults.URL,
    namespace: Annotated[str | None, typer.Option("--namespace", autocompletion=names_of("namespaces"), help="Namespace to plan for (needed).")] = None,
    strategy: Annotated[str | None, typer.Option("--strategy", help="How shards are spread; without it the server decides.")] = None,
    node: Annotated[
        list[str],
        typer.Option(
            "--node",
            autocompletion=names_of("nodes", commas=True),
            help="Node to plan with, as id[:weight[:region[:zone]]]; may be repeated, or hold several with commas between them (at least one is needed).",
        ),
    ] = NONE_GIVEN,
    output: TextFormat = TextOrJson.TEXT,
    as_json: Json = False,
    timeout: Timeout = "30s",
) -> None:
    """Show which node would own each shard of a namespace if these were the nodes, without changing anything.

    The answer lists the shards that would change owners; JSON holds every assignment.
    """
