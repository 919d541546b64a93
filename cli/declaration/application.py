"""The whole command tree."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.declaration.completion import completion
from cli.declaration.explain import explain
from cli.declaration.introspect import introspect
from cli.declaration.marks import prints
from cli.declaration.mesh_peers import peers
from cli.declaration.mesh_shards import shards
from cli.declaration.mesh_upgrade import upgrade
from cli.declaration.options import group

app = group("Operate an OmniRelay mesh from the command line.")
mesh = group("Talk to a mesh's control plane.")

app.command("introspect", short_help="Show what a dispatcher runs.")(introspect)
app.command("explain", short_help="Show how a command line is read.")(explain)
app.add_typer(mesh, name="mesh")
app.add_typer(completion, name="completion")
mesh.add_typer(peers, name="peers")
mesh.add_typer(shards, name="shards")
mesh.add_typer(upgrade, name="upgrade")

Version = Annotated[bool, typer.Option("--version", is_eager=True, callback=prints("version"), help="Print the version and exit.")]
ArtifactInfo = Annotated[
    bool,
    typer.Option("--artifact-info", is_eager=True, callback=prints("artifact-info"), help="Print facts about this build as JSON."),
]


@app.callback()
def root(version: Version = False, artifact_info: ArtifactInfo = False) -> None:
    """Operate an OmniRelay mesh from the command line."""
