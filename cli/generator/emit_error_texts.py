"""The error texts as data, for whoever counts which of them a test has seen."""

from __future__ import annotations

import json
from pathlib import Path

from cli.generator.error_texts import error_texts
from cli.generator.model import Application, BuildError

PACKAGE = Path(__file__).parents[1] / "omnirelay"
NAME = "error-texts.json"


def emit(application: Application) -> dict[str, str]:
    """File name → content."""
    texts = error_texts(PACKAGE)
    if not texts:
        raise BuildError(f"{PACKAGE}: no error text was found; see SINKS in cli/generator/error_texts.py")
    listed = [{"text": item.text, "source": item.source} for item in texts]
    document = {"format": 1, "program": application.commands[0].path, "texts": listed}
    return {NAME: json.dumps(document, indent=2, ensure_ascii=False) + "\n"}
