"""Imports of the engine without pytest's rewriting of assertions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_rewriting() -> Iterator[None]:
    """While it is open, modules are imported as Python does it; test modules are none of them, so no test loses the words of its assertions.

    pytest rewrites the assertions of every plugin's package. The engine's state what always holds and test nothing, yet its 160 modules would be found,
    compiled and kept a second time by a slower importer: 0.1 s of each process of a run, 0.2 s where no bytecode is kept.
    """
    before = sys.meta_path[:]
    sys.meta_path[:] = [finder for finder in before if not type(finder).__module__.startswith("_pytest.")]
    try:
        yield
    finally:
        # What a library has put in by itself stays.
        sys.meta_path[:] = [*before, *(finder for finder in sys.meta_path if finder not in before)]
