"""Interactive shells on a pseudo-terminal, for tests of completion: keys in, what the shell printed out."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

LIMIT = 30.0

BASH = r"""
set -u
PS1='READY<>' PS2=
bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; bind 'set completion-query-items -1'; bind 'set page-completions off'
source ~/bash
omnirelay() { printf 'ARGS<%s>\n' "$*"; }
probe() { _omnirelay "$@"; printf 'OFFER<%s>' "${COMPREPLY[*]-}"; }
"""

ZSH = r"""
PS1='READY<>' RPS1= PROMPT_EOL_MARK=
unsetopt beep list_beep
zmodload zsh/complist 2>/dev/null
autoload -Uz compinit && compinit -D -u
source ~/zsh
omnirelay() { print -r -- "ARGS<$*>" }
"""
# The shell's own completion stays as it is; only `compadd`, which it calls with what it found, is listened to.
ZSH_LISTEN = r"""
typeset -ga offered
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)* ]]; then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    offered+=($hits)
    builtin compadd "$@"
}
listen() { offered=(); zle list-choices; print -rn -- "OFFER<$offered>" }
zle -N listen
bindkey '^T' listen
"""


class Shell:
    """A shell that was started with `command` on a terminal of its own; every wait ends with text or an error."""

    def __init__(self, command: list[str], home: Path, path: str = "") -> None:
        self._master, slave = pty.openpty()
        environment = {"HOME": str(home), "PATH": path or os.environ["PATH"], "TERM": "dumb", "LC_ALL": "C.UTF-8", "COLUMNS": "200", "LINES": "50"}
        self._process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=home, env=environment, start_new_session=True, close_fds=True)
        os.close(slave)
        self._seen = ""

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._master)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, start: str, end: str) -> str:
        """The text between the next `start` and the `end` behind it."""
        deadline = time.monotonic() + LIMIT
        while True:
            _, found, tail = self._seen.partition(start)
            if found and end in tail:
                text, _, self._seen = tail.partition(end)
                return text
            ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {start!r} … {end!r} within {LIMIT:g} s; the shell printed {self._seen!r}")
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                piece = b""
            if not piece:
                raise AssertionError(f"the shell ended; it had printed {self._seen!r}")
            self._seen += piece.decode("utf-8", "replace")


def bash_offers(shell: Shell, line: str) -> list[str]:
    shell.type("complete -F probe omnirelay\n")
    shell.until("READY<", ">")
    shell.type(line + "\t")
    offered = shell.until("OFFER<", ">").split()
    shell.type("\x15\n")
    shell.until("READY<", ">")
    return offered


def zsh_offers(shell: Shell, line: str) -> set[str]:
    shell.type(line + "\x14")
    offered = set(shell.until("OFFER<", ">").split())
    shell.type("\x15\n")
    shell.until("READY<", ">")
    return offered


def fish_offers(home: Path, lines: list[str], path: str = "/usr/bin:/bin") -> list[list[tuple[str, str]]]:
    """What fish offers for each line, with descriptions."""
    ask = "source ~/fish; for line in $argv; complete -C $line; printf 'END\\n'; end"
    command = ["fish", "--no-config", "-c", ask, *lines]
    environment = {"HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    blocks = done.stdout.split("END\n")[:-1]
    return [[(text, help_text) for text, _, help_text in (row.partition("\t") for row in block.splitlines())] for block in blocks]
