"""Names from a real control plane, offered and inserted in the real shells by the program that is being completed; nothing that TAB brings can be run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_names import CLOCK, FRIENDLY, HOSTILE, interpreted, mesh
from cli_shells import BASH, ZSH, ZSH_LISTEN, Shell, bash_offers, fish_offers, zsh_offers

from cli.equivalence import parsers, processes
from harness.servers.client import ServerProcess
from omnirelay._generated import completion_bash, completion_fish, completion_zsh

SHARDS = [("mesh.control", "shard-01"), ("mesh.control", "shard-02"), ("eu/orders", "shard-10"), ("$(touch ran)", "`touch ran`"), ("eu orders", "shard 3")]
PEERS = " ".join(FRIENDLY)
NODES = "node-a node-b north/1 zone-1@eu"
ALL_SHARDS = "shard-01 shard-02 shard-10"
LIST = "omnirelay mesh shards list"

OFFERS = [
    (f"{LIST} -u URL --owner ", PEERS),
    (f"{LIST} --url URL --owner node-", "node-a node-b"),
    (f"{LIST} --url=URL --owner nor", "north/1"),
    (f"{LIST} -uURL --owner=no", "node-a node-b north/1"),
    (f"{LIST} --all -uURL --owner=", PEERS),
    (f"{LIST} -u 'URL' --owner no", "node-a node-b north/1"),
    (f'{LIST} --url="URL" --owner no', "node-a node-b north/1"),
    (f"{LIST} -u URL --owner nope", ""),
    (f"{LIST} -u URL --namespace ", "eu/orders mesh.control"),
    (f"{LIST} -u URL --search ", ALL_SHARDS),
    (f"{LIST} -u URL --namespace mesh.control --search sh", "shard-01 shard-02"),
    (f"{LIST} -u URL --namespace='eu/orders' --search sh", "shard-10"),
    (f"{LIST} -u URL --namespace mesh.control --owner no", "node-a node-b north/1"),
    (f"{LIST} -u URL --status ", "Active Draining Paused Disabled"),
    (f"{LIST} -u URL --status Active --status D", "Draining Disabled"),
    (f"{LIST} -u URL --status Active --status=P", "Paused"),
    (f"{LIST} -u URL --cursor ", ""),
    ("omnirelay mesh shards simulate -u URL --node ", NODES),
    ("omnirelay mesh shards simulate -u URL --node node-a:2 --node no", "node-a node-b north/1"),
    ("omnirelay mesh shards simulate -u URL --node node-a --node=no", "node-a node-b north/1"),
    ("omnirelay mesh shards simulate -u URL --node node-a:", ""),
    ("omnirelay mesh shards simulate -u URL --node node-a,", "node-b north/1 zone-1@eu"),
    ("omnirelay mesh shards simulate -u URL --node node-a:2,no", "node-a node-b north/1"),
    ("omnirelay mesh shards simulate -u URL --node=zone-1@eu,node-b,n", "node-a north/1"),
    ("omnirelay mesh shards simulate -u URL --node 'node-b,n", "node-a north/1"),
    ("omnirelay mesh shards simulate -u URL --node node-a,node-b:", ""),
    ("omnirelay completion candidates shards -u URL --namespace m", "mesh.control"),
    # A quote that is still open.
    (f'{LIST} -u URL --namespace "me', "mesh.control"),
    (f"{LIST} -u URL --namespace 'me", "mesh.control"),
    (f'{LIST} -u URL --namespace="', "eu/orders mesh.control"),
    (f"{LIST} -u URL --owner='no", "node-a node-b north/1"),
    (f'{LIST} -u "URL" --namespace "mesh.control" --search "sh', "shard-01 shard-02"),
    (f'{LIST} -u URL --owner "10.0.0.1:', "10.0.0.1:8080"),
    # Only the options of which the contract says so may hold several.
    (f"{LIST} -u URL --owner node-a,", ""),
    # What only the shell knows is not evaluated, and another server or namespace than the one meant is not asked.
    (f"{LIST} -u $URL --owner ", ""),
    (f'{LIST} -u "$URL" --owner ', ""),
    (f"{LIST} --url=$(echo URL) --owner ", ""),
    (f"{LIST} -u `echo URL` --owner ", ""),
    (f"{LIST} -u URL --namespace $NS --search ", ""),
    (f"{LIST} -u URL --namespace $NS --owner no", "node-a node-b north/1"),
    # Behind `--` there is no option, and a value is none.
    (f"{LIST} -u URL -- --owner ", ""),
    (f"{LIST} -u http://127.0.0.1:1 --owner ", ""),
    (f"{LIST} -u nonsense --owner ", ""),
]
"""What is on the line, and what may come."""

INSERTS = [
    ("mesh shards list -u URL --owner node-a", "mesh shards list -u URL --owner node-a"),
    ("mesh shards list -u URL --owner nor", "mesh shards list -u URL --owner north/1"),
    ("mesh shards list -u URL --owner=nor", "mesh shards list -u URL --owner=north/1"),
    ("mesh shards list -u URL --owner 10.0.0.1:", "mesh shards list -u URL --owner 10.0.0.1:8080"),
    ("mesh shards list -u URL --owner 10.0.0.1:80", "mesh shards list -u URL --owner 10.0.0.1:8080"),
    ("mesh shards list -u URL --owner=10", "mesh shards list -u URL --owner=10.0.0.1:8080"),
    ("mesh shards list -u URL --owner=10.0.0.1:", "mesh shards list -u URL --owner=10.0.0.1:8080"),
    ("mesh shards list -u URL --owner zone-", "mesh shards list -u URL --owner zone-1@eu"),
    ("mesh shards list -u URL --owner=zone-1", "mesh shards list -u URL --owner=zone-1@eu"),
    ("mesh shards list -u URL --owner=zone-1@", "mesh shards list -u URL --owner=zone-1@eu"),
    ("mesh shards list -u URL --owner zone-1@e", "mesh shards list -u URL --owner zone-1@eu"),
    ('mesh shards list -u URL --owner "nor', "mesh shards list -u URL --owner north/1"),
    ('mesh shards list -u URL --namespace "me', "mesh shards list -u URL --namespace mesh.control"),
    ("mesh shards list -u URL --namespace='me", "mesh shards list -u URL --namespace=mesh.control"),
    ("mesh shards list -u URL --owner '10.0.0.1:", "mesh shards list -u URL --owner 10.0.0.1:8080"),
    ('mesh shards list -u URL --owner="zone-1@', "mesh shards list -u URL --owner=zone-1@eu"),
    ("mesh shards simulate -u URL --node node-a:2,nor", "mesh shards simulate -u URL --node node-a:2,north/1"),
    ("mesh shards simulate -u URL --node=zone-1@eu,10.0.0.1:80:x,nor", "mesh shards simulate -u URL --node=zone-1@eu,10.0.0.1:80:x,north/1"),
    ("mesh shards simulate -u URL --node node-a,zone-1@", "mesh shards simulate -u URL --node node-a,zone-1@eu"),
    ('mesh shards simulate -u URL --node "node-a,nor', "mesh shards simulate -u URL --node node-a,north/1"),
]

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="not run: install bash")
needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="not run: install zsh")
needs_fish = pytest.mark.skipif(shutil.which("fish") is None, reason="not run: install fish")


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[ServerProcess, ServerProcess]]:
    plane, crowd = (ServerProcess.start("control-plane", ["--clock", CLOCK]) for _ in range(2))
    plane.reset(data=mesh([*FRIENDLY, *HOSTILE], SHARDS))
    crowd.reset(data=mesh([f"node-{number:05}" for number in range(10_000)], [("n", f"shard-{number:05}") for number in range(10_400)]))
    yield plane, crowd
    plane.stop()
    crowd.stop()


@pytest.fixture(scope="module", params=["checkout", "native-linux-x64"])
def home(request: pytest.FixtureRequest, servers: tuple[ServerProcess, ServerProcess], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the scripts and the program, which has asked everything once without haste, so that a slow machine cannot make a difference."""
    place = tmp_path_factory.mktemp("a home")
    program = interpreted(place / "bin")
    if request.param != "checkout":
        program.unlink()
        program.symlink_to(processes.programs(parsers.ROOT / "dist" / "artifacts.json")[request.param][0])
    for name, script in (("bash", completion_bash), ("zsh", completion_zsh), ("fish", completion_fish)):
        (place / name).write_text(script.SCRIPT)
    plane, crowd = servers
    for words in ("peers", "namespaces", "shards", "shards --namespace mesh.control", "shards --namespace eu/orders"):
        ask = [program, "completion", "candidates", *words.split(), "--timeout", "60s", "--url", plane.url]
        subprocess.run(ask, env={"HOME": str(place)}, capture_output=True, timeout=90, check=True)
    for words in ("peers", "shards --typed shard-1039"):
        ask = [program, "completion", "candidates", *words.split(), "--timeout", "60s", "--url", crowd.url]
        subprocess.run(ask, env={"HOME": str(place)}, capture_output=True, timeout=90, check=True)
    return place


@pytest.fixture(scope="module")
def plane(servers: tuple[ServerProcess, ServerProcess]) -> ServerProcess:
    return servers[0]


@pytest.fixture(scope="module")
def crowd(servers: tuple[ServerProcess, ServerProcess]) -> str:
    return servers[1].url


def path(home: Path) -> str:
    return f"{home}/bin:/usr/bin:/bin"


@pytest.fixture(scope="module")
def bash(home: Path) -> Iterator[Shell]:
    (home / "bashrc").write_text(BASH)
    with Shell(["bash", "--noprofile", "--rcfile", str(home / "bashrc"), "-i"], home, path(home)) as shell:
        shell.until("READY<", ">")
        yield shell


@pytest.fixture(scope="module")
def zsh(home: Path) -> Iterator[Shell]:
    (home / ".zshrc").write_text(ZSH + ZSH_LISTEN)
    with Shell(["zsh", "-d", "-i"], home, path(home)) as shell:
        shell.until("READY<", ">")
        yield shell


@needs_bash
@pytest.mark.parametrize(("line", "expected"), OFFERS)
def test_bash_offers_names(bash: Shell, plane: ServerProcess, home: Path, line: str, expected: str) -> None:
    # What stands before a sign at which readline breaks the word stays on the line and is not offered again.
    assert [word.rpartition(",")[2] for word in bash_offers(bash, line.replace("URL", plane.url))] == expected.split()
    assert not ran(home)


@needs_bash
@pytest.mark.parametrize(("line", "expected"), INSERTS)
def test_bash_inserts_names(bash: Shell, plane: ServerProcess, line: str, expected: str) -> None:
    bash.type("complete -F _omnirelay omnirelay\n")
    bash.until("READY<", ">")
    bash.type("omnirelay " + line.replace("URL", plane.url) + "\t\n")
    assert bash.until("ARGS<", ">") == expected.replace("URL", plane.url)
    bash.until("READY<", ">")


@needs_zsh
@pytest.mark.parametrize(("line", "expected"), OFFERS)
def test_zsh_offers_names(zsh: Shell, plane: ServerProcess, home: Path, line: str, expected: str) -> None:
    assert zsh_offers(zsh, line.replace("URL", plane.url)) == set(expected.split())
    assert not ran(home)


@needs_zsh
@pytest.mark.parametrize(("line", "expected"), INSERTS)
def test_zsh_inserts_names(zsh: Shell, plane: ServerProcess, line: str, expected: str) -> None:
    zsh.type("omnirelay " + line.replace("URL", plane.url) + "\t\n")
    assert zsh.until("ARGS<", ">") == expected.replace("URL", plane.url)
    zsh.until("READY<", ">")


@needs_fish
def test_fish_offers_names(plane: ServerProcess, home: Path) -> None:
    lines = [line.replace("URL", plane.url) for line, _ in OFFERS]
    for (line, expected), found in zip(OFFERS, fish_offers(home, lines, path(home)), strict=True):
        # fish writes the whole word, `--owner=node-a`, where the others write what is behind the sign.
        assert sorted(re.split("[=,]", text)[-1] for text, _ in found) == sorted(expected.split()), line
    assert not ran(home)


@needs_bash
def test_bash_offers_ten_thousand_names(bash: Shell, crowd: str) -> None:
    assert len(bash_offers(bash, f"{LIST} -u {crowd} --owner ")) == 10_000
    assert bash_offers(bash, f"{LIST} -u {crowd} --owner node-0999") == TEN


@needs_zsh
def test_zsh_offers_some_of_ten_thousand_names(zsh: Shell, crowd: str) -> None:
    assert zsh_offers(zsh, f"{LIST} -u {crowd} --owner node-0999") == set(TEN)


@needs_fish
def test_fish_offers_ten_thousand_names(home: Path, crowd: str) -> None:
    every, some = fish_offers(home, [f"{LIST} -u {crowd} --owner node-", f"{LIST} -u {crowd} --owner=node-0999"], path(home))
    assert len(every) == 10_000 and sorted(text for text, _ in some) == [f"--owner={name}" for name in TEN]


TEN = [f"node-0999{number}" for number in range(10)]
BEHIND = [f"shard-1039{number}" for number in range(10)]
"""Shards that are not among the first ten thousand: they are only found when the program is told what stands on the line."""


@needs_bash
def test_bash_says_what_was_typed(bash: Shell, crowd: str) -> None:
    assert bash_offers(bash, f"{LIST} -u {crowd} --search shard-1039") == BEHIND
    assert bash_offers(bash, f"{LIST} -u {crowd} --search='shard-1039") == BEHIND


@needs_zsh
def test_zsh_says_what_was_typed(zsh: Shell, crowd: str) -> None:
    assert zsh_offers(zsh, f"{LIST} -u {crowd} --search shard-1039") == set(BEHIND)
    assert zsh_offers(zsh, f"{LIST} -u {crowd} --search='shard-1039") == set(BEHIND)


@needs_fish
def test_fish_says_what_was_typed(home: Path, crowd: str) -> None:
    bare, quoted = fish_offers(home, [f"{LIST} -u {crowd} --search shard-1039", f"{LIST} -u {crowd} --search='shard-1039"], path(home))
    assert sorted(text for text, _ in bare) == BEHIND and sorted(text for text, _ in quoted) == [f"--search={name}" for name in BEHIND]


TYPED = [
    ("~/other/omnirelay", "from-"),
    ("./other/omnirelay", "from-."),
    ("other/../other/omnirelay", "from-other"),
    ("ABSOLUTE/omnirelay", "from-"),
]
"""How the program is typed, and that it was this very one that was asked."""
HARMFUL = [
    f"{LIST} --owner '$(touch ran)",
    f'{LIST} --owner "$(touch ran)',
    f"{LIST} --owner $(touch ran)",
    f"{LIST} --owner `touch ran`",
    f"{LIST} --owner ;touch ran;",
    f"{LIST} -u $(touch ran) --owner ",
    f"{LIST} --url=`touch ran` --namespace ",
    f"{LIST} --namespace '`touch ran`' --search ",
    f'{LIST} --namespace "$(touch ran)" --search=',
    f"{LIST} --namespace '\\';touch ran;'' --search ",
    f"{LIST} --status '$(touch ran),A",
    "omnirelay mesh shards simulate --node='`touch ran`,n",
    "./$(touch ran)/bin/omnirelay mesh shards list --owner ",
    "`touch ran`/omnirelay mesh shards list --owner ",
    "$HOME/harmful/omnirelay mesh shards list --owner ",
]
"""Lines on which TAB is pressed; nothing of them may be run by that."""


@pytest.fixture(scope="module")
def others(home: Path) -> Path:
    """Programs of the same name elsewhere that tell who they are, and one that may not be run."""
    for folder, does in ((home / "other", 'echo "from-${0%%/*}"'), (home.parent, 'echo "from-${0%%/*}"'), (home / "harmful", "touch ~/ran")):
        folder.mkdir(exist_ok=True)
        (folder / "omnirelay").write_text(f"#!/bin/sh\n{does}\n")
        (folder / "omnirelay").chmod(0o755)
    return home


def typed(home: Path) -> list[tuple[str, str]]:
    # Of an absolute path nothing stands before the first slash. One with a blank in it would have to be quoted, and then no shell but fish completes.
    return [(f"{program.replace('ABSOLUTE', str(home.parent))} mesh shards list --owner ", name) for program, name in TYPED]


@needs_bash
def test_bash_asks_the_program_that_was_typed(bash: Shell, others: Path) -> None:
    assert [bash_offers(bash, line) for line, _ in typed(others)] == [[name] for _, name in typed(others)]


@needs_zsh
def test_zsh_asks_the_program_that_was_typed(zsh: Shell, others: Path) -> None:
    assert [zsh_offers(zsh, line) for line, _ in typed(others)] == [{name} for _, name in typed(others)]


@needs_fish
def test_fish_asks_the_program_that_was_typed(others: Path) -> None:
    lines = typed(others)
    assert [[text for text, _ in found] for found in fish_offers(others, [line for line, _ in lines], path(others))] == [[name] for _, name in lines]


def press(shell: Shell, line: str, key: str) -> None:
    """Types a line and a key twice, then takes it back; the shell has done all of it when it answers the next line."""
    shell.type(f"{line}{key}{key}\x15echo DONE$((6*7))\n")
    shell.until("DONE42", "READY<>")


@needs_bash
@pytest.mark.parametrize("line", HARMFUL)
def test_tab_in_bash_runs_nothing_that_is_on_the_line(bash: Shell, others: Path, line: str) -> None:
    bash.type("complete -F _omnirelay omnirelay\n")
    press(bash, line, "\t")
    assert not ran(others)


@needs_zsh
@pytest.mark.parametrize("line", HARMFUL)
def test_tab_in_zsh_runs_nothing_that_is_on_the_line(zsh: Shell, others: Path, line: str) -> None:
    # By itself, for every program, zsh expands the word under the cursor when TAB is pressed; Control-T here is completion alone.
    press(zsh, line, "\x14" if line.endswith(("touch ran)", "touch ran`")) else "\t")
    assert not ran(others)


@needs_fish
def test_tab_in_fish_runs_nothing_that_is_on_the_line(others: Path) -> None:
    fish_offers(others, HARMFUL, path(others))
    assert not ran(others)


def ran(home: Path) -> bool:
    """Whether something was run since this was asked last."""
    found = (home / "ran").exists()
    (home / "ran").unlink(missing_ok=True)
    return found
