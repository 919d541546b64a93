"""Asks a staged package for the texts that are the same on every run, so that there is one source of each.

Run by publish, outside the package: `python ask_answers.py PLACE VERSION` prints a JSON object, name → text, for the package in
PLACE as it will answer on the CPython of that version.
"""

from __future__ import annotations

import json
import sys


def main(place: str, version: str) -> None:
    sys.path.insert(0, place)
    from omnirelay._generated import registry
    from omnirelay.commands import artifact_info
    from omnirelay.invocation import new_session
    from omnirelay.session import Session

    class Listener(Session):
        """Keeps what a command function prints."""

        text = ""

        def out(self, text: str) -> None:
            self.text += text

    session = new_session()
    answers = {"version": session.version + "\n", "artifact-info": artifact_info.text(session, version)}
    for path in registry.CONSTANT_VERBS:
        listener = Listener(session.kind, session.parser_hash)
        code = registry.front_command(path)(listener)
        if code:
            raise SystemExit(f"{path}: ended with {code}")
        answers[path] = listener.text
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
