"""The pytest plugin: scenario files become test items, artifacts become their parameters, verdicts become outcomes.

It only translates: hooks on one side, the engine (which never imports pytest) on the other. Loaded by ``conftest.py`` of this checkout,
or anywhere else with ``pytest -p harness.plugin``.

What runs: ``pytest`` alone runs the Python tests of ``testpaths`` and all scenarios. As soon as an artifact or a scenario tree is named
(``--artifact``, ``--scenarios``, ``--artifacts``) and no path is, only scenarios run. A path or node id is always obeyed as it stands.
"""

from __future__ import annotations

import pytest

from harness.plugin.cells import Cells
from harness.plugin.controller import Controller
from harness.plugin.settings import add_options, resolve


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    settings = resolve(config)
    if settings is None:
        return
    # A broken scenario file is reported as one error; it must not keep the other files from running.
    config.option.continue_on_collection_errors = True
    config.pluginmanager.register(Cells(config, settings), "conformance-cells")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Controller(config, settings), "conformance-controller")
