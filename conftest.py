"""Loads the scenario plugin where pytest has not found it by itself, lets a test in Python that hangs say where, keeps chance out of property tests, and
groups of tests on one worker.

``pytest_plugins`` would do the first as well, but pytest refuses it as soon as a run has its rootdir elsewhere, as with the scenario tree of another program.
The second is not pytest's ``faulthandler_timeout``, because that one starts and ends a thread for each cell, too: a seventh of the time of a trivial one.
Cells have time limits of their own.

Property tests try the same examples in every run and are never failed for being slow, whatever the environment says of itself (Hypothesis does so by
itself only where it recognises a CI system). ``--hypothesis-seed TEXT`` tries others, ``--hypothesis-profile NAME`` takes another profile altogether.
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
PROFILE: Final = "this-checkout"


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    if not pluginmanager.has_plugin("harness.plugin"):
        pluginmanager.import_plugin("harness.plugin")


def pytest_configure(config: pytest.Config) -> None:
    errors = config.stash[ERRORS] = os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2)
    config.add_cleanup(lambda: os.close(errors))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Names the group in the id of each test with the mark ``xdist_group``, by which the controller keeps them together.

    pytest-xdist 3.8 does so itself, but writes to an attribute that pytest 9.2 no longer reads.
    """
    if config.getoption("loadgroup", default=False):  # in workers only
        for item in items:
            for mark in item.iter_markers("xdist_group"):
                ending = f"@{mark.args[0]}"
                if not item.nodeid.endswith(ending):
                    item._id = type(item._id).parse(item.nodeid + ending)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not isinstance(item, pytest.Function):
        return (yield)
    faulthandler.dump_traceback_later(HANGING_SECONDS, file=item.config.stash[ERRORS])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def pytest_pycollect_makemodule(parent: pytest.Collector) -> None:
    """Before a module is imported, because ``settings`` objects take what they do not say from the profile of that moment."""
    # Only here: a run of scenarios alone does without this library.
    from hypothesis import HealthCheck, settings

    if parent.config.getoption("--hypothesis-profile", None) is None and settings.get_current_profile_name() != PROFILE:
        same = parent.config.getoption("--hypothesis-seed", None) is None
        settings.register_profile(
            PROFILE, settings(derandomize=same, database=None, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
        )
        settings.load_profile(PROFILE)
