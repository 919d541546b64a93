"""What can be wrong with the files that coverage is made from."""

from __future__ import annotations


class CoverageError(Exception):
    """A file cannot be used, or says something that is not so; the text names file, place and what to do."""
