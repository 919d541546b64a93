"""The command-line options, and what they come to for this run."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.perturb.registry import ALL, PERTURBATIONS, named
from harness.plugin.division import Shard, parse_shard
from harness.report.durations import NAME as DURATIONS
from harness.report.formats import FORMATS

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
    raw: bool
    """Keep the raw output of every cell, and show it in failures beside what was compared."""
    capsules: bool
    """Make a replay capsule of every cell, not only of those that fail."""
    update: bool
    new_only: bool
    clean_up: bool
    """Whether an update removes goldens that no scenario uses."""
    unused: str
    """What goldens that no scenario uses are: ``error``, ``warning`` or ``ignored``."""
    replay: tuple[str, ...]
    """Options that a replay command must repeat."""
    outputs: tuple[tuple[str, Path], ...] = ()
    """Result formats by name, and the file that each is written to."""
    step_summary: Path | None = None
    """The page of the CI step, to which the summary is appended."""
    shard: Shard | None = None
    durations: Path | None = None
    """What the suite is divided by."""
    perturb: tuple[str, ...] = ()
    """The perturbations under which every cell is run, each by itself; none is a run as usual."""


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
    for item in FORMATS.values():
        if item.option:
            group.addoption(item.option, dest=_dest(item.name), metavar="FILE", help=f"write the results: {item.help}")
    group.addoption("--shard", metavar="I/N", help="run part I of N, divided by how long cases took; merge the results with: conformance merge")
    group.addoption("--shard-by", metavar="FILE", help=f"durations or results to divide by (default: {DURATIONS} in the scenario tree, where there is one)")
    group.addoption(
        "--perturb",
        action="append",
        default=[],
        metavar="NAMES",
        help=f"run under changed circumstances, each by itself: {', '.join(PERTURBATIONS)}, or {ALL}; never writes goldens",
    )
    group.addoption("--keep", action="store_true", help="keep the sandbox of every cell and say where it is")
    group.addoption("--raw", action="store_true", help="show in failures what was printed before normalising, and keep the raw output of every cell")
    group.addoption("--capsules", action="store_true", help="make a replay capsule of every cell, not only of those that fail")


def resolve(config: pytest.Config) -> Settings | None:
    """The settings, or None when this run does not touch scenarios. Adjusts ``config.args`` as the plugin's docstring says."""
    start = config.invocation_params.dir
    given = config.getoption("scenarios")
    root = _root(config)
    scenarios = _absolute(start, given) if given else root / "scenarios"
    shard = _shard(config)
    named = bool(given or config.getoption("artifact") or config.getoption("artifacts") or shard or config.getoption("perturb"))
    if not scenarios.is_dir():
        if named:
            raise pytest.UsageError(f"there is no scenario tree at {scenarios}; name it with --scenarios DIR")
        return None
    if not _touches(config, scenarios, named=named):
        if named:
            raise pytest.UsageError(f"--artifact, --artifacts, --scenarios, --shard and --perturb have no effect here: no path given leads into {scenarios}")
        return None
    artifacts = config.getoption("artifacts")
    snapshots = config.getoption("snapshots")
    update = bool(config.getoption("update_snapshots", False) or config.getoption("update_new_snapshots_only", False))
    perturb = _perturb(config, update)
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
        raw=bool(config.getoption("raw")),
        capsules=bool(config.getoption("capsules")),
        update=update,
        new_only=bool(config.getoption("update_new_snapshots_only", False)),
        clean_up=not config.getoption("no_cleanup", False),
        unused=unused,
        replay=_replay(config, root),
        outputs=tuple((item.name, _absolute(start, value)) for item in FORMATS.values() if (value := _asked(config, item.name))),
        step_summary=Path(page) if (page := os.environ.get("GITHUB_STEP_SUMMARY")) else None,
        shard=shard,
        durations=_durations(config, scenarios) if shard else None,
        perturb=perturb,
    )


def _dest(name: str) -> str:
    return f"conformance_{name}"


def _asked(config: pytest.Config, name: str) -> str | None:
    value: str | None = config.getoption(_dest(name), None)
    return value


def _shard(config: pytest.Config) -> Shard | None:
    text = config.getoption("shard")
    if not text:
        if config.getoption("shard_by"):
            raise pytest.UsageError("--shard-by has no effect without --shard")
        return None
    try:
        return parse_shard(text)
    except ValueError as error:
        raise pytest.UsageError(f"--shard: {error}") from None


def _perturb(config: pytest.Config, update: bool) -> tuple[str, ...]:
    texts: list[str] = config.getoption("perturb")
    if not texts:
        return ()
    try:
        names = tuple(item.name for item in named(texts))
    except ValueError as error:
        raise pytest.UsageError(f"--perturb: {error}") from None
    if update:
        raise pytest.UsageError("goldens are never written by a perturbed run; leave out --perturb, or the update")
    if config.getoption("capsules"):
        raise pytest.UsageError("a capsule replays a cell as it usually runs; leave out --perturb, or --capsules")
    return names


def _durations(config: pytest.Config, scenarios: Path) -> Path | None:
    given = config.getoption("shard_by")
    if given:
        return _absolute(config.invocation_params.dir, given)
    committed = scenarios / DURATIONS
    return committed if committed.exists() else None


def _root(config: pytest.Config) -> Path:
    """The rootdir of pytest, unless it is a guess that has gone astray.

    pytest looks for the rootdir before it knows our options and takes the value in ``--scenarios DIR`` for a path to test. So with such options
    a rootdir that is not at or above the caller's folder, or that no configuration file makes one, gives way to that folder.
    """
    start = config.invocation_params.dir
    if config.inipath is not None and start.is_relative_to(config.rootpath):
        return config.rootpath
    written = [_dest(item.name) for item in FORMATS.values() if item.option]
    misled = any(config.getoption(name) for name in (*PATHS, "shard_by", *written))
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


def only_scenarios(config: pytest.Config, settings: Settings) -> bool:
    """Whether every path given leads into the scenario tree, so that no test in Python can be met."""
    paths = [_absolute(config.invocation_params.dir, argument.split("::")[0]) for argument in config.args]
    return all(path == settings.scenarios or settings.scenarios in path.parents for path in paths)


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
    options += [shlex.quote(f"--perturb={names}") for names in config.getoption("perturb")]
    arguments = [str(argument) for argument in config.invocation_params.args]
    if "harness.plugin" in arguments or "-pharness.plugin" in arguments:
        options.insert(0, "-p harness.plugin")
    return tuple(options)


def relative_to_root(path: Path, root: Path) -> str:
    """The path as one types it in the root: relative when it lies below, else absolute."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
