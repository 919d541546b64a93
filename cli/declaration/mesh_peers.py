"""`omnirelay mesh peers …`."""

from __future__ import annotations

from cli.declaration.marks import verb
from cli.declaration.options import TableFormat, TableOrJson, Timeout, Url, group
from omnirelay import defaults

peers = group("See the members of the mesh.")


@peers.command("list", short_help="List the members of the mesh.")
@verb("omnirelay.commands.peers_list:run")
def list_peers(
    url: Url = defaults.URL,
    output: TableFormat = TableOrJson.TABLE,
    timeout: Timeout = defaults.TIMEOUT,
) -> None:
    """List the members of the mesh as this node sees them: itself first, the others by name.

    The table shows status, role, place, version and round-trip time. JSON holds every field of the answer.
    """
