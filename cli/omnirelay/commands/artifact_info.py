"""`omnirelay --artifact-info`: which artifact this is, as JSON."""

from __future__ import annotations

import sys

from omnirelay.jsontext import indented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay.session import Session


def text(session: Session) -> str:
    """The facts of the running artifact."""
    return indented(
        {
            "format": 1,
            "program": "omnirelay",
            "version": session.version,
            "kind": session.kind,
            "target": session.target,
            "runtime": "CPython " + sys.version.split(" ", 1)[0],
            "parserHash": session.parser_hash,
            "buildId": session.build_id,
        }
    )
