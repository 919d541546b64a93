"""What can go wrong while measuring. None of these is a verdict over an artifact: the measurement itself could not be had.

::

    PerfError
    ├── TimingFileError     the timing file or the budgets file says something that cannot be
    ├── TimingLockError     functional cells are running, or another timing session is
    ├── ToolError           hyperfine, the C compiler or the launcher is missing or answers nonsense
    ├── ServerError         a server that a timed program talks to did not start or did not answer
    ├── NothingToMeasureError   no artifact of this host, no timed program, or nothing that both sides have
    ├── ArtifactChangedError    a file differs from what artifacts.json or the functional run says
    └── RecordError         perf.json is not what its schema says
"""

from __future__ import annotations


class PerfError(Exception):
    """The measurement could not be had; the text says what failed, where, and what to do."""


class TimingFileError(PerfError):
    """A declaration file holds a key or value that cannot be."""


class TimingLockError(PerfError):
    """Timing and functional cells must not run at the same moment."""


class ToolError(PerfError):
    """A tool that measures is missing, failed, or answered something unreadable."""


class ServerError(PerfError):
    """A declared server did not become ready or refused its reset."""


class NothingToMeasureError(PerfError):
    """An empty selection is an error, never a pass."""


class ArtifactChangedError(PerfError):
    """The file under the clock is not the file that was published or tested."""


class RecordError(PerfError):
    """A recorded session cannot be trusted as written."""
