"""Loads the scenario plugin where pytest has not found it by itself, and lets a test in Python that hangs say where.

``pytest_plugins`` would do the first as well, but pytest refuses it as soon as a run has its rootdir elsewhere, as with the scenario tree of another program.
The second is not pytest's ``faulthandler_timeout``, because that one starts and ends a thread for each cell, too: a seventh of the time of a trivial one.
Cells have time limits of their own.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Generator
from typing import Final

import pytest

HANGING_SECONDS: Final = 120.0
ERRORS: Final = pytest.StashKey[int]()
"""A descriptor of standard error as it was before pytest captured it."""


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    if not pluginmanager.has_plugin("harness.plugin"):
        pluginmanager.import_plugin("harness.plugin")


def pytest_configure(config: pytest.Config) -> None:
    errors = config.stash[ERRORS] = os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2)
    config.add_cleanup(lambda: os.close(errors))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not isinstance(item, pytest.Function):
        return (yield)
    faulthandler.dump_traceback_later(HANGING_SECONDS, file=item.config.stash[ERRORS])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
