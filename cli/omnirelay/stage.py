"""The stages of the native program: it starts in the core stage, where only linked-in modules can be imported, and enters the full one on demand.

The other kinds are full from the start.
"""

from __future__ import annotations

from omnirelay import _build


def allow_threads() -> None:
    """From here on there may be more than one thread. In the core stage small blocks of memory come from a pool that is made for one."""
    if _build.KIND == "native":
        import _full_stage  # type: ignore[import-not-found]  # part of the native program

        _full_stage.allow_threads()


def enter_full() -> None:
    """From here on the standard library can be used. It costs as much as the whole start, so ask for it only where nothing else will do."""
    if _build.KIND == "native":
        import _full_stage

        _full_stage.enter()
