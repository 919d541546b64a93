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
DIAGNOSTICS: Final = 50
"""Mistakes that are reported per file; one generated file with a thousand of them helps nobody."""
REPEATS: Final = 100_000

STEP_SECONDS: Final[Mapping[Tier, float]] = {Tier.UNIT: 10.0, Tier.INTEGRATION: 15.0, Tier.FEATURE: 30.0, Tier.HYPERSCALE: 120.0}
