"""Makes the artifacts that were asked for, one after the other, and keeps the list of them true at every moment.

An artifact whose inputs have not changed and whose files are still as listed is not made again. Whatever happens in between, even
a kill, `artifacts.json` names only complete artifacts, and the next publish makes the rest.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from cli.publish.cache import Cache, install, sweep, workspace
from cli.publish.digests import key_of, sources_digest
from cli.publish.errors import PublishError
from cli.publish.gate import Gate, read_allowed
from cli.publish.locking import exclusive
from cli.publish.manifest import FILE, Entry, Manifest, describe, read_manifest
from cli.publish.packager import Job, Packager
from cli.publish.progress import Progress
from cli.publish.registry import PACKAGERS
from cli.publish.staging import product_version
from cli.publish.targets import Target, split_id
from cli.publish.tools import Tools

DEFAULT_ARTIFACTS = ("native-linux-x64", "frozen-linux-x64", "jit-linux-x64")


def publish(artifacts: Sequence[str], *, dist: Path, cache: Path, progress: Progress) -> Manifest:
    """Makes `artifacts` (by default the three that are released) and returns the list of all that `dist` holds."""
    wanted = [(artifact, *split_id(artifact, tuple(PACKAGERS))) for artifact in dict.fromkeys(artifacts or DEFAULT_ARTIFACTS)]
    dist, cache = dist.absolute(), cache.absolute()
    try:
        with exclusive(cache / "publish.lock", lambda: progress.step("waiting for another publish in this cache", "building")):
            for place in (dist, cache / "runtime", cache / "sources"):
                sweep(place)
            manifest = read_manifest(dist / FILE).still_valid()
            for artifact, kind, target in wanted:
                entry = _publish_one(artifact, PACKAGERS[kind], target, manifest, cache, progress)
                manifest = manifest.with_entry(entry)
                manifest.write()
    except OSError as error:
        raise PublishError(f"{error.filename or dist}: {error.strerror or error}; check the disk and the permissions") from error
    return manifest


def _publish_one(artifact: str, packager: Packager, target: Target, manifest: Manifest, cache: Path, progress: Progress) -> Entry:
    inputs = packager.inputs(target)
    recipe = sources_digest(Path(__file__).parent, (".py",))
    key = key_of({**inputs, "artifact": artifact, "version": product_version(), "recipe": recipe})
    listed = manifest.entry(artifact)
    if listed is not None and _key(listed) == key:
        progress.step(artifact, "cached")
        return listed
    started = time.monotonic()
    progress.step(artifact, "building")
    entry = _make(artifact, packager, target, key, manifest.path.parent, cache, progress)
    progress.step(artifact, "done", time.monotonic() - started)
    return entry


def _key(entry: Entry) -> object:
    build = entry.get("build")
    return build.get("inputs") if isinstance(build, dict) else None


def _make(artifact: str, packager: Packager, target: Target, key: str, dist: Path, cache: Path, progress: Progress) -> Entry:
    tools = Tools(Gate(read_allowed()), cache / "logs" / artifact, cache)
    final = dist / artifact
    with workspace(dist) as place:
        job = Job(artifact, target, key[:16], place, final, Cache(cache), tools, progress)
        made = packager.make(job)
        install(place, final)
    entry: dict[str, object] = {"id": artifact, "kind": packager.kind, "target": target.name}
    entry |= describe(final, made.executable, made.tree, dist)
    entry["version"] = product_version()
    if packager.development:
        entry["development"] = True
    entry["warnings"] = tools.warnings + made.warnings
    entry["build"] = {"inputs": key, "id": key[:16], **made.facts}
    return entry
