"""Produces artifacts from the sources: `publish` fills `dist/<artifact id>/` and lists what is there in `dist/artifacts.json`."""

from __future__ import annotations

from cli.publish.errors import PublishError
from cli.publish.manifest import Manifest
from cli.publish.progress import Progress
from cli.publish.publisher import DEFAULT_ARTIFACTS, publish

__all__ = ["DEFAULT_ARTIFACTS", "Manifest", "Progress", "PublishError", "publish"]
