"""The pytest plugin: scenario files become test items, artifacts become their parameters, verdicts become outcomes.

It only translates: hooks on one side, the engine (which never imports pytest) on the other. Loaded by ``conftest.py`` of this checkout,
or anywhere else with ``pytest -p harness.plugin``.

What runs: ``pytest`` alone runs the Python tests of ``testpaths`` and all scenarios. As soon as an artifact or a scenario tree is named
(``--artifact``, ``--scenarios``, ``--artifacts``, ``--shard``) and no path is, only scenarios run. A path or node id is always obeyed as it stands.
"""

from __future__ import annotations

from typing import Final

import pytest

from harness.plugin.plain_import import without_rewriting

with without_rewriting():
    from harness.plugin.cells import Cells
    from harness.plugin.settings import Settings, add_options, only_scenarios, resolve
    from harness.plugin.shards import Shards
    from harness.plugin.stopping import Workers, heed_signals

FOR_PYTHON_ONLY: Final = ("hypothesispytest",)
"""Plugins that serve tests in Python alone, and load a whole library at the end of a run that had none."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    settings = resolve(config)
    if settings is None:
        return
    # A broken scenario file is reported as one error; it must not keep the other files from running.
    config.option.continue_on_collection_errors = True
    _leave_out(config, settings)
    heed_signals(config)
    config.pluginmanager.register(Cells(config, settings), "conformance-cells")
    config.pluginmanager.register(Shards(settings), "conformance-shards")
    if not hasattr(config, "workerinput"):
        with without_rewriting():
            # Not in workers: what a whole run is judged and written with is a fifth of the modules.
            from harness.plugin.controller import Controller
            from harness.plugin.scheduling import Scheduling
        config.pluginmanager.register(Controller(config, settings), "conformance-controller")
        config.pluginmanager.register(Scheduling(), "conformance-scheduling")
        config.pluginmanager.register(Workers(), "conformance-workers")


def _leave_out(config: pytest.Config, settings: Settings) -> None:
    """A run of scenarios alone does without them: a quarter of a second of every such run."""
    if only_scenarios(config, settings):
        for name in FOR_PYTHON_ONLY:
            plugin = config.pluginmanager.get_plugin(name)
            if plugin is not None:
                config.pluginmanager.unregister(plugin)
