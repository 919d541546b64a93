"""What a scenario file may cost, and how long a step may take when nobody says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model.scenario import Tier

FILE_BYTES: Final = 1024 * 1024
DATA_BYTES: Final = 16 * 1024 * 1024
NESTING: Final = 16
"""Brackets within brackets, and dotted parts of one key: keeps the TOML reader of the standard library linear and off the recursion limit."""
CASES: Final = 256
STEPS: Final = 128
EXPANDED_STEPS: Final = 512
"""Steps of a file after the procedures that it calls have taken the place of their calls."""
CALLS: Final = 8
"""Calls within calls."""
INCLUDES: Final = 16
RETRIES: Final = 10
"""Runs of a step in all; a platform that needs more is not known to misbehave, it is broken."""
DIAGNOSTICS: Final = 50
"""Mistakes that are reported per file; one generated file with a thousand of them helps nobody."""
REPEATS: Final = 100_000
WORKERS: Final = 64

STEP_SECONDS: Final[Mapping[Tier, float]] = {Tier.UNIT: 10.0, Tier.INTEGRATION: 15.0, Tier.FEATURE: 30.0, Tier.HYPERSCALE: 120.0}
