"""The command-line options, and what they come to for this run."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

PATHS = ("scenarios", "artifacts", "snapshots")
"""Options whose value is a path."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Absolute paths and switches of a run that touches scenarios."""

    root: Path
    """Where the run is at home: everything written goes to ``.harness`` below it, replay commands are pasted there."""
    scenarios: Path
    artifacts: Path
    snapshots: Path
    patterns: tuple[str, ...]
    """What ``--artifact`` named; empty means the default selection."""
    keep: bool
    update: bool
    new_only: bool
    clean_up: bool
    """Whether an update removes goldens that no scenario uses."""
    unused: str
    """What goldens that no scenario uses are: ``error``, ``warning`` or ``ignored``."""
    replay: tuple[str, ...]
    """Options that a replay command must repeat."""


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "scenarios of a command-line program, run on each of its artifacts")
    group.addoption(
        "--artifact",
        action="append",
        default=[],
        metavar="ID",
        help="artifact to test: an id, a glob, or 'all' (repeatable; default: all in artifacts.json that run on this host and are not for development)",
    )
    group.addoption("--scenarios", metavar="DIR", help="scenario tree (default: scenarios/ in the rootdir)")
    group.addoption("--artifacts", metavar="FILE", help="list of artifacts (default: dist/artifacts.json in the rootdir)")
    group.addoption("--snapshots", metavar="DIR", help="goldens, shared by all artifacts (default: snapshots/ beside the scenario tree)")
    group.addoption("--keep", action="store_true", help="keep the sandbox of every cell and say where it is")


def resolve(config: pytest.Config) -> Settings | None:
    """The settings, or None when this run does not touch scenarios. Adjusts ``config.args`` as the plugin's docstring says."""
    start = config.invocation_params.dir
    given = config.getoption("scenarios")
    root = _root(config)
    scenarios = _absolute(start, given) if given else root / "scenarios"
    named = bool(given or config.getoption("artifact") or config.getoption("artifacts"))
    if not scenarios.is_dir():
        if named:
            raise pytest.UsageError(f"there is no scenario tree at {scenarios}; name it with --scenarios DIR")
        return None
    if not _touches(config, scenarios, named=named):
        if named:
            raise pytest.UsageError(f"--artifact, --artifacts and --scenarios have no effect here: no path given leads into {scenarios}")
        return None
    artifacts = config.getoption("artifacts")
    snapshots = config.getoption("snapshots")
    update = bool(config.getoption("update_snapshots", False) or config.getoption("update_new_snapshots_only", False))
    if update and os.environ.get("CI", "").lower() in ("1", "true"):
        raise pytest.UsageError("goldens are never written while CI=true; update them in a working copy and commit them")
    unused = "error"
    if config.getoption("disable_unused_snapshots", False):
        unused = "ignored"
    elif config.getoption("warn_unused_snapshots", False):
        unused = "warning"
    return Settings(
        root=root,
        scenarios=scenarios,
        artifacts=_absolute(start, artifacts) if artifacts else root / "dist" / "artifacts.json",
        snapshots=_absolute(start, snapshots) if snapshots else scenarios.parent / "snapshots",
        patterns=tuple(config.getoption("artifact")) or _artifacts_of_node_ids(config),
        keep=bool(config.getoption("keep")),
        update=update,
        new_only=bool(config.getoption("update_new_snapshots_only", False)),
        clean_up=not config.getoption("no_cleanup", False),
        unused=unused,
        replay=_replay(config, root),
    )


def _root(config: pytest.Config) -> Path:
    """The rootdir of pytest, unless it is a guess that has gone astray.

    pytest looks for the rootdir before it knows our options and takes the value in ``--scenarios DIR`` for a path to test. So with such options
    a rootdir that is not at or above the caller's folder, or that no configuration file makes one, gives way to that folder.
    """
    start = config.invocation_params.dir
    if config.inipath is not None and start.is_relative_to(config.rootpath):
        return config.rootpath
    misled = any(config.getoption(name) for name in PATHS)
    return start if misled else config.rootpath


def _absolute(start: Path, text: str) -> Path:
    return Path(os.path.abspath(start / text))  # noqa: PTH100 - pytest does not resolve symlinks in node ids either


def _touches(config: pytest.Config, scenarios: Path, *, named: bool) -> bool:
    """Whether pytest will walk into the scenario tree, after ``config.args`` says what the caller meant."""
    source = pytest.Config.ArgsSource
    if config.args_source != source.ARGS and named:
        config.args[:] = [str(scenarios)]
    paths = [_absolute(config.invocation_params.dir, argument.split("::")[0]) for argument in config.args]
    covered = any(path == scenarios or path in scenarios.parents or scenarios in path.parents for path in paths)
    if not covered and config.args_source == source.TESTPATHS:
        config.args.append(str(scenarios))
        return True
    return covered


def _artifacts_of_node_ids(config: pytest.Config) -> tuple[str, ...]:
    """The artifacts in ``…::case[artifact]`` when every argument is such a node id: naming one selects it, a development artifact too."""
    if config.args_source != pytest.Config.ArgsSource.ARGS:
        return ()
    ids = []
    for argument in config.args:
        _, _, name = argument.rpartition("::")
        _, bracket, rest = name.partition("[")
        if "::" not in argument or not bracket or not rest.endswith("]"):
            return ()
        ids.append(rest[:-1])
    return tuple(dict.fromkeys(ids))


def _replay(config: pytest.Config, root: Path) -> tuple[str, ...]:
    """Paths are given from the root, where the replay command is pasted."""
    options = []
    for name in PATHS:
        value = config.getoption(name)
        if value:
            path = _absolute(config.invocation_params.dir, value)
            options.append(shlex.quote(f"--{name}={relative_to_root(path, root)}"))
    arguments = [str(argument) for argument in config.invocation_params.args]
    if "harness.plugin" in arguments or "-pharness.plugin" in arguments:
        options.insert(0, "-p harness.plugin")
    return tuple(options)


def relative_to_root(path: Path, root: Path) -> str:
    """The path as one types it in the root: relative when it lies below, else absolute."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
