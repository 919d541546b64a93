"""``conformance replay``: run the cell of a capsule again, without the servers it talked to.

Exit codes: 0 the same as recorded, 1 different, 2 it cannot be done (a capsule or an artifact that cannot be used) or the command line is not understood.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from harness.artifacts import ArtifactError, Digests, read, select, verify
from harness.faults import HarnessFault
from harness.model.artifact import Artifact
from harness.replay.again import ReplayError, replay
from harness.replay.archive import read as read_capsule
from harness.replay.capsule import Capsule, CapsuleError
from harness.replay.contrast import Difference, contrast

ROOT: Final = Path(__file__).resolve().parents[2]


def run(path: Path, artifact: str | None, manifest: Path) -> int:
    """Replay, print what differs, and say so in the exit code."""
    try:
        capsule = read_capsule(path)
        chosen = _artifact(manifest, capsule.program, artifact or capsule.subject.artifact.id)
        typer.echo(_headline(capsule, chosen))
        differences = contrast(capsule, replay(capsule, chosen))
    except (CapsuleError, ReplayError, ArtifactError, HarnessFault) as error:
        typer.echo(f"error: {error}", err=True)
        return 2
    for difference in differences:
        _print(difference)
    different = sum(1 for difference in differences if difference.lines)
    typer.echo("the same as recorded" if not different else f"different from the recording in {different} of {len(differences)} places")
    return 1 if different else 0


def _artifact(manifest: Path, program: str, name: str) -> Artifact:
    """The artifact of this id, proven to be the file that the list names, and of the program that the capsule was made of."""
    listed = read(manifest)
    if listed.program != program:
        raise ArtifactError(f"{manifest}: lists artifacts of {listed.program}, and the capsule is one of {program}; name its list with --artifacts")
    found = select(listed, (name,), lambda artifact: None).artifacts
    if len(found) != 1:
        raise ArtifactError(f"--artifact {name}: names {len(found)} artifacts; a capsule is replayed on one")
    verify(found[0], manifest, Digests())
    return found[0]


def _headline(capsule: Capsule, artifact: Artifact) -> str:
    then = capsule.subject.artifact
    build = "the same build" if capsule.sha256 == artifact.sha256 else "another build" if then.id == artifact.id else "another artifact"
    recorded = f"{capsule.program} {then.version} as {then.id} ({capsule.verdict})"
    return f"replay  {capsule.name}\n  recorded with {recorded}\n  now on {artifact.id} {artifact.version}, {build}"


def _print(difference: Difference) -> None:
    typer.echo(f"{'differs' if difference.lines else 'same   '}  {difference.what}")
    for line in difference.lines:
        typer.echo(f"      {line}")


def command(
    capsule: Annotated[Path, typer.Argument(help="A capsule, such as one of those below .harness/last/capsules.")],
    artifact: Annotated[str | None, typer.Option(help="Id of the artifact to run it on. Default: the one it was recorded with.")] = None,
    artifacts: Annotated[Path, typer.Option(help="List of artifacts.")] = ROOT / "dist" / "artifacts.json",
) -> None:
    """Run the cell of a capsule again.

    The servers it talked to are replaced by a small one that answers from the recording. Exit 0 when it does the same as recorded, 1 when it differs, 2
    when it cannot be run.
    """
    raise typer.Exit(run(capsule, artifact, artifacts))
