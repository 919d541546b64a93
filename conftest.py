"""Loads the scenario plugin where pytest has not found it by itself, and nothing else.

``pytest_plugins`` would do the same, but pytest refuses it as soon as a run has its rootdir elsewhere, as with the scenario tree of another program.
"""

from __future__ import annotations

import pytest


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    if not pluginmanager.has_plugin("harness.plugin"):
        pluginmanager.import_plugin("harness.plugin")
