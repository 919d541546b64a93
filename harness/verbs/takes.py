"""Keys of a step that belong together: which of them a verb takes is said with these sets."""

from __future__ import annotations

from typing import Final

STREAMS: Final = frozenset({"stdout", "stderr"})
SCREEN: Final = frozenset({"screen"})
STARTS: Final = frozenset({"env", "stdin", "cwd", "network"})
"""How a program is started."""
ENDS: Final = STREAMS | frozenset({"exit", "files", "capture"})
"""What is left of a program that has ended."""
POLLS: Final = frozenset({"until"})
REPEATS: Final = POLLS | frozenset({"repeat", "retry", "gather", "gather-check"})
COSTS: Final = frozenset({"budget", "report"})
"""What a step may cost. Only a program that starts and ends within its step can be timed."""
PROGRAM: Final = frozenset({"in"})
"""The step is about a program that an earlier one has started."""
