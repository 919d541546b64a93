"""From an argument vector to an exit code: the start of the interpreted kinds. The native program reads its arguments in C and starts at `invocation`."""

from __future__ import annotations

from omnirelay import grammar, system
from omnirelay._generated import registry, verbs
from omnirelay.invocation import guarded, new_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omnirelay.grammar import Value
    from omnirelay.session import Session


def run(argv: list[str]) -> int:
    """Does what `argv` (without the program's name) asks for and returns the exit code. Never raises."""
    session = new_session()
    return guarded(session, lambda: _dispatch(session, argv))


def main() -> None:
    """The entry of the interpreted kinds: leaves the process without tearing the interpreter down."""
    import _signal  # type: ignore[import-not-found]  # without stubs; `signal` would bring enum along
    import sys

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        # An interrupt ends the process as it ends the native one: by the signal, without a word.
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    # A variable of the interpreter would change which numbers are read; the native program does not look at it.
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)
    system.leave(run(as_utf8(sys.argv[1:], sys.getfilesystemencoding())))


def as_utf8(argv: list[str], encoding: str) -> list[str]:
    """The words that the bytes of the command line are in UTF-8. The interpreter has read them in the encoding of the user's locale; the native
    program knows no locale, and what is sent and printed is UTF-8 everywhere.
    """
    if encoding == "utf-8":
        return argv
    return [word.encode(encoding, "surrogateescape").decode("utf-8", "surrogateescape") for word in argv]


def _dispatch(session: Session, argv: list[str]) -> int:
    try:
        outcome = grammar.interpret(registry.ROOT, registry.node, list(argv))
    except grammar.Refused as refusal:
        from omnirelay.render.usage import refusal_text

        session.err(refusal_text(refusal))
        return 1
    if outcome.action == "run":
        return invoke(session, outcome.node.path, outcome.values)
    return answer(session, outcome)


def invoke(session: Session, path: str, values: dict[str, Value]) -> int:
    """Runs the command function of the verb at `path` with its bound values."""
    command = registry.front_command(path) if registry.gear(path) == "front" else verbs.command(path)
    return int(command(session, **values))


def answer(session: Session, outcome: grammar.Outcome) -> int:
    """Prints what an eager option asked for, or the help of a group that was named alone."""
    if outcome.action == "version":
        session.out(session.version + "\n")
        return 0
    if outcome.action == "artifact-info":
        import sys

        from omnirelay.commands.artifact_info import text

        session.out(text(session, sys.version.split(" ", 1)[0]))
        return 0
    from omnirelay.render.usage import help_text

    page = help_text(outcome.node)
    if outcome.action == "help":
        session.out(page)
        return 0
    session.err(page)
    return 1


if __name__ == "__main__":
    main()
