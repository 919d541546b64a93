"""What can go wrong in the harness itself.

``HarnessFault`` is the root: the harness could not do its work, so nothing was learned about the program. It ends a cell as
``harness-error`` and has no ancestor in common with a failed expectation, which is a value (``Finding``) and never an exception.

    HarnessFault
    ├── SandboxFault      a sandbox could not be made, filled or removed
    ├── SpawnFault        a process could not be started, or could not be ended
    ├── ServerFault       a server could not be leased, died, or does not answer the harness
    ├── PatternFault      a pattern of a scenario takes too long on what was printed
    ├── MissingValue      a placeholder stands for a value that no step has captured
    └── MissingProgram    a step is about a program that no step has started
"""

from __future__ import annotations


class HarnessFault(Exception):
    """The harness could not do its work; the text says what, where, and what to do."""


class SandboxFault(HarnessFault):
    """A sandbox could not be made, filled or removed."""


class SpawnFault(HarnessFault):
    """A process could not be started, or could not be ended."""


class ServerFault(HarnessFault):
    """A server could not be leased, died, or does not answer the harness."""


class PatternFault(HarnessFault):
    """A pattern of a scenario takes too long on what was printed."""


class MissingValue(HarnessFault):
    """A placeholder stands for a value that no step has captured, because the step that does so was not reached."""

    def __init__(self, name: str) -> None:
        super().__init__(f"${{{name}}} has no value: the step that captures it was not reached or did not yield it")
        self.name = name


class MissingProgram(HarnessFault):
    """A step is about a program that no step has started, because the step that does so was not reached."""

    def __init__(self, name: str) -> None:
        super().__init__(f'the program "{name}" was not started: the step that does so was not reached')
        self.name = name
