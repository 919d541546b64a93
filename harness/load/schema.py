"""The JSON Schema of scenario files, generated from the shapes that the loader reads with. Editors use it; the loader repeats every rule."""

from __future__ import annotations

import json

from harness.load.shapes import SCENARIO


def scenario_schema() -> dict[str, object]:
    """The schema as a value; keywords of draft 4 only."""
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "id": "scenario-1.json",
        "title": "Scenario, format 1",
        "description": "Generated from harness/load/shapes.py by python -m harness.load.schema; do not edit.",
        **SCENARIO.schema(),
    }


def schema_text() -> str:
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
