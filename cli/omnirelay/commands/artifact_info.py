"""`omnirelay --artifact-info`: which artifact this is, as JSON."""

from __future__ import annotations

from omnirelay.jsontext import indented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay.session import Session


def text(session: Session, interpreter: str) -> str:
    """The facts of an artifact that runs on, or holds, this version of CPython."""
    return indented(
        {
            "format": 1,
            "program": "omnirelay",
            "version": session.version,
            "kind": session.kind,
            "target": session.target,
            "runtime": "CPython " + interpreter,
            "parserHash": session.parser_hash,
            "buildId": session.build_id,
        }
    )
