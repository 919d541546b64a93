"""Which worker runs which cell: each begins with a stretch of the suite, and one that has nothing left takes over half of what another one still has.

xdist's own default sends cells in portions that cannot be taken back, so the worker that got the long ones is still busy when the others have ended.
"""

from __future__ import annotations

import pytest


class Scheduling:
    """The hook of the process that the user started. A choice on the command line (``--dist``) stands."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: object) -> object:
        if config.getoption("dist") != "load" or _chosen(config):
            return None
        from xdist.scheduler import WorkStealingScheduling  # type: ignore[import-untyped]  # xdist says nothing of its types

        return WorkStealingScheduling(config, log)


def _chosen(config: pytest.Config) -> bool:
    """Whether "load" was asked for; it is also what ``-n`` alone comes to."""
    return any(argument == "-d" or argument.startswith("--dist") for argument in map(str, config.invocation_params.args))
