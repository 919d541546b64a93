"""From an argument vector to an exit code. The native program calls `run`, the other kinds start at `main`."""

from __future__ import annotations

from omnirelay import grammar, system
from omnirelay._generated import registry
from omnirelay.faults import Failure, StreamFault
from omnirelay.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Values = dict[str, str | bool | None]

_BROKEN_PIPE = 32


def run(argv: list[str]) -> int:
    """Does what `argv` (without the program's name) asks for and returns the exit code. Never raises."""
    from omnirelay import _build

    session = Session(_build.KIND, registry.PARSER_HASH)
    return guarded(session, lambda: _dispatch(session, argv))


def main() -> None:
    """The entry of the interpreted kinds: leaves the process without tearing the interpreter down."""
    import _signal  # type: ignore[import-not-found]  # without stubs; `signal` would bring enum along
    import sys

    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        # An interrupt ends the process as it ends the native one: by the signal, without a word.
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    system.leave(run(sys.argv[1:]))


def guarded(session: Session, work: Callable[[], int]) -> int:
    """Runs `work`; every way to fail becomes one line on standard error and an exit code."""
    try:
        try:
            return work()
        except Failure as failure:
            session.err("error: " + failure.message + "\n")
            _explain(session, failure)
            return failure.exit_code
        except StreamFault as fault:
            if fault.number != _BROKEN_PIPE and fault.descriptor == system.STDOUT:
                session.err("error: standard output could not be written: " + fault.reason + ".\n")
            return 1
        except Exception as problem:  # the last net: a defect must not become a traceback for an operator
            name = type(problem).__name__
            session.err(f"error: internal error: {name}: {problem}. Set OMNIRELAY_DEBUG=1 to see where, and report it.\n")
            _explain(session, problem)
            return 1
    except StreamFault:
        return 1


def _explain(session: Session, problem: Exception) -> None:
    if system.variable("OMNIRELAY_DEBUG") == "1":
        from omnirelay.debug import trace

        session.err(trace(problem))


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


def invoke(session: Session, path: str, values: Values) -> int:
    """Runs the command function of the verb at `path` with its bound values."""
    command: Callable[..., int] = registry.command(path)
    return command(session, **values)


def answer(session: Session, outcome: grammar.Outcome) -> int:
    """Prints what an eager option asked for, or the help of a group that was named alone."""
    if outcome.action == "version":
        session.out(session.version + "\n")
        return 0
    if outcome.action == "artifact-info":
        from omnirelay.commands.artifact_info import text

        session.out(text(session))
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
