"""Why an artifact could not be produced: always one `PublishError` whose text says what failed, where, and what to do."""

from __future__ import annotations


class PublishError(Exception):
    """Publishing stopped; nothing half-made was left in dist/."""
