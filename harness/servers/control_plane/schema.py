"""Writes the JSON Schema of the data file, made from the shapes that read it: ``python -m harness.servers.control_plane.schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from harness.servers.clock import LiveClock
from harness.servers.control_plane.model import Settings
from harness.servers.control_plane.readers import DATA, reset_shape
from harness.servers.faults import FAULTS
from harness.servers.scalars import Defs

PATH: Final = Path(__file__).resolve().parents[2] / "schema" / "control-plane-data-1.json"


def schema() -> Defs:
    """The schema of the data file; ``faults``, ``generate`` and ``reset`` are among its definitions, for others to refer to."""
    defs: Defs = {}
    root = DATA.schema(defs)
    reset_shape(Settings(LiveClock())).schema(defs)
    defs["faults"] = FAULTS.schema(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated from the shapes by python -m harness.servers.control_plane.schema; do not edit.",
        "title": "Data of the reference control plane, format 1",
        **root,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


def text() -> str:
    """The committed form."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
