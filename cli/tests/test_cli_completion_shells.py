"""The completion scripts in the real shells: what TAB offers, what it inserts, and that neither files nor this program are asked."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_shells import BASH, ZSH, ZSH_LISTEN, Shell, bash_offers, fish_offers, zsh_offers

from cli.generator.reading import read_application
from cli.generator.shells import places
from omnirelay._generated import completion_bash, completion_fish, completion_pwsh, completion_zsh

OFFERS = [
    ("omnirelay ", "introspect explain mesh completion"),
    ("omnirelay me", "mesh"),
    ("omnirelay mesh ", "peers shards upgrade"),
    ("omnirelay mesh upgrade re", "resume"),
    ("omnirelay --v", "--version"),
    ("omnirelay -- mes", "mesh"),
    ("omnirelay completion ", "bash zsh fish pwsh candidates"),
    ("omnirelay mesh peers list --f", "--format"),
    ("omnirelay mesh peers list --format ", "table json"),
    ("omnirelay mesh peers list --format=", "table json"),
    ("omnirelay mesh peers list --format=j", "json"),
    ('omnirelay mesh peers list --format "j', "json"),
    ("omnirelay mesh peers list --format '", "table json"),
    ('omnirelay mesh peers list --format="', "table json"),
    ("omnirelay mesh peers list --format='t", "table"),
    ('omnirelay mesh peers list "--fo', "--format"),
    ('omnirelay "me', "mesh"),
    ("omnirelay mesh shards list --status Active,", "Draining Paused Disabled"),
    ("omnirelay mesh shards list --status Active,D", "Draining Disabled"),
    ("omnirelay mesh shards list --status=Active,Disabled,D", "Draining"),
    ("omnirelay mesh shards list --status Active,Dis --status Active,P", "Paused"),
    ('omnirelay mesh shards list --status "Active,D', "Draining Disabled"),
    ("omnirelay mesh shards list --status='Active,P", "Paused"),
    ("omnirelay mesh shards list --status 1,,P", "Paused"),
    ("omnirelay mesh shards list --status [a]*,P", "Paused"),
    ("omnirelay mesh shards list --status Active,x", ""),
    ("omnirelay mesh shards list --format table,", ""),
    ("omnirelay mesh shards list --format table,j", ""),
    ("omnirelay mesh peers list --url http://127.0.0.1:8080 --fo", "--format"),
    ("omnirelay mesh peers list --url=http://127.0.0.1:8080/ --fo", "--format"),
    ("omnirelay mesh peers list -uhttp://127.0.0.1 --fo", "--format"),
    ("omnirelay mesh upgrade drain -yu http://127.0.0.1 --dr", "--dry-run"),
    ("omnirelay mesh upgrade drain -u -y --dr", "--dry-run"),
    ("omnirelay mesh upgrade drain --reason mesh --dr", "--dry-run"),
    ("omnirelay mesh peers list ", ""),
    ("omnirelay mesh peers list me", ""),
    ("omnirelay mesh peers list --url ", ""),
    ("omnirelay mesh peers list --url=", ""),
    ("omnirelay mesh peers list --timeout m", ""),
    ("omnirelay mesh peers list -- --f", ""),
    ("omnirelay bogus ", ""),
    ("omnirelay mesh bogus --h", ""),
]
"""What is on the line, and what may come; a file `mesh-file` lies in the directory and must never come."""

ZSH_OFFERS = {
    "omnirelay mesh peers list ": "--url -u --format --timeout --help -h",
    'omnirelay mesh peers list "--fo': "",
}
"""Where zsh's own rules are others: where nothing but options can follow it shows them at once, and a word in quotes is no option."""

PLACES = places(read_application())

INSERTS = [
    ("omnirelay me", "mesh"),
    ("omnirelay mesh peers list --format=js", "mesh peers list --format=json"),
    ("omnirelay mesh peers list --format js", "mesh peers list --format json"),
    ('omnirelay mesh peers list --format "js', "mesh peers list --format json"),
    ("omnirelay mesh peers list --format='js", "mesh peers list --format=json"),
    ("omnirelay mesh shards list --status Active,P", "mesh shards list --status Active,Paused"),
    ("omnirelay mesh shards list --status=Active,Draining,P", "mesh shards list --status=Active,Draining,Paused"),
    ('omnirelay mesh shards list --status "Active,P', "mesh shards list --status Active,Paused"),
    ("omnirelay mesh shards list --status='Active,P", "mesh shards list --status=Active,Paused"),
    ("omnirelay mesh peers list --url http://127.0.0.1:8080 --ti", "mesh peers list --url http://127.0.0.1:8080 --timeout"),
]

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="not run: install bash")
needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="not run: install zsh")
needs_fish = pytest.mark.skipif(shutil.which("fish") is None, reason="not run: install fish")
needs_pwsh = pytest.mark.skipif(shutil.which("pwsh") is None, reason="not run: install PowerShell (pwsh)")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("home")
    (place / "mesh-file").write_text("")
    (place / "bash").write_text(completion_bash.SCRIPT)
    (place / "zsh").write_text(completion_zsh.SCRIPT)
    (place / "fish").write_text(completion_fish.SCRIPT)
    (place / "pwsh.ps1").write_text(completion_pwsh.SCRIPT)
    return place


@pytest.fixture(scope="module")
def bash(home: Path) -> Iterator[Shell]:
    (home / "bashrc").write_text(BASH)
    with Shell(["bash", "--noprofile", "--rcfile", str(home / "bashrc"), "-i"], home) as shell:
        shell.until("READY<", ">")
        yield shell


@pytest.fixture(scope="module")
def zsh(home: Path) -> Iterator[Shell]:
    (home / ".zshrc").write_text(ZSH + ZSH_LISTEN)
    with Shell(["zsh", "-d", "-i"], home) as shell:
        shell.until("READY<", ">")
        yield shell


@needs_bash
@pytest.mark.parametrize(("line", "expected"), OFFERS)
def test_bash_offers(bash: Shell, line: str, expected: str) -> None:
    # bash replaces the whole value, so that what stands before the last comma is part of what it is given.
    assert [word.rpartition(",")[2] for word in bash_offers(bash, line)] == expected.split()


@needs_bash
@pytest.mark.parametrize(("line", "expected"), INSERTS)
def test_bash_inserts(bash: Shell, line: str, expected: str) -> None:
    bash.type("complete -F _omnirelay omnirelay\n")
    bash.until("READY<", ">")
    bash.type(line + "\t\n")
    assert bash.until("ARGS<", ">") == expected
    bash.until("READY<", ">")


@needs_zsh
@pytest.mark.parametrize(("line", "expected"), OFFERS)
def test_zsh_offers(zsh: Shell, line: str, expected: str) -> None:
    assert zsh_offers(zsh, line) == set(ZSH_OFFERS.get(line, expected).split())


@needs_zsh
@pytest.mark.parametrize(("line", "expected"), INSERTS)
def test_zsh_inserts(zsh: Shell, line: str, expected: str) -> None:
    zsh.type(line + "\t\n")
    assert zsh.until("ARGS<", ">") == expected
    zsh.until("READY<", ">")


@needs_zsh
def test_zsh_finds_the_script_in_its_function_path(home: Path) -> None:
    place = home / "functions"
    place.mkdir()
    shutil.copyfile(home / "zsh", place / "_omnirelay")
    (home / ".zshrc").write_text(f"fpath=({place} $fpath)\n" + ZSH.replace("source ~/zsh\n", "") + ZSH_LISTEN)
    with Shell(["zsh", "-d", "-i"], home) as shell:
        shell.until("READY<", ">")
        assert zsh_offers(shell, "omnirelay mesh upgrade re") == {"resume"}
        assert zsh_offers(shell, "omnirelay mesh peers list --format ") == {"table", "json"}


@needs_zsh
def test_zsh_shows_descriptions(zsh: Shell) -> None:
    zsh.type("omnirelay mesh upgrade \x14")
    zsh.until("OFFER<", ">")
    zsh.until("drain ", "Take a node out of service.")
    zsh.until("status ", "Show the drain state of a node.")
    zsh.type("\x15\n")
    zsh.until("READY<", ">")


@needs_fish
def test_fish_offers(home: Path) -> None:
    for (line, expected), found in zip(OFFERS, fish_offers(home, [line for line, _ in OFFERS]), strict=True):
        # fish writes the whole word, `--format=json`, where the others write what is behind the sign.
        assert sorted(re.split("[=,]", text)[-1] for text, _ in found) == sorted(expected.split()), line


@needs_fish
def test_fish_offers_everything_with_descriptions(home: Path) -> None:
    lines = [f"{place.path} {start}" for place in PLACES for start in ("", "-", "--")]
    found = fish_offers(home, lines)
    for number, place in enumerate(PLACES):
        commands, anything, long = (dict(block) for block in found[3 * number : 3 * number + 3])
        assert commands == dict(place.commands), place.path
        assert long == {name: option.help for option in place.options for name in option.long}, place.path
        assert set(anything) == set(place.names), place.path


@needs_bash
def test_bash_offers_everything(bash: Shell) -> None:
    for place in PLACES:
        assert bash_offers(bash, place.path + " ") == [name for name, _ in place.commands]
        assert bash_offers(bash, place.path + " -") == list(place.names)


@needs_zsh
def test_zsh_offers_everything(zsh: Shell) -> None:
    for place in PLACES:
        if place.commands:
            assert zsh_offers(zsh, place.path + " ") == {name for name, _ in place.commands}
        assert zsh_offers(zsh, place.path + " -") == set(place.names)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_read_without_a_word(home: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"not run: install {shell}")
    done = subprocess.run([shell, "-n", str(home / shell)], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_powershell_script_holds_the_whole_tree() -> None:
    """Without the shell only its tables can be read back, and its brackets and quotes counted."""
    script = completion_pwsh.SCRIPT
    bare = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"^#.*$", "", script, flags=re.MULTILINE))
    for opening, closing in ("{}", "()", "[]"):
        assert bare.count(opening) == bare.count(closing), opening
    assert "'" not in bare.replace("''", "")
    entries = re.split(r"^    \$tree\['(.+)'\] = @\{$", script, flags=re.MULTILINE)[1:]
    assert entries[::2] == [place.path for place in PLACES]
    for place, entry in zip(PLACES, entries[1::2], strict=True):
        assert _pwsh_table(entry, "Commands") == dict(place.commands)
        assert _pwsh_table(entry, "Options") == {name: option.help for option in place.options for name in option.names}
        assert re.findall(r"'([^']*)'", re.findall(r"Valued = @\((.*)\)", entry)[0]) == list(place.valued)
        assert _pwsh_choices(entry) == {name: option.values for option in place.options if option.values for name in option.names}


def _pwsh_table(entry: str, name: str) -> dict[str, str]:
    body = re.findall(rf"^        {name} = \[ordered\]@\{{\n(.*?)^        \}}", entry, flags=re.MULTILINE | re.DOTALL)[0]
    return {key: text.replace("''", "'") for key, text in re.findall(r"^            '(.+)' = '(.*)'$", body, flags=re.MULTILINE)}


def _pwsh_choices(entry: str) -> dict[str, tuple[str, ...]]:
    rows = re.findall(r"^            '(.+)' = @\((.*)\)$", entry, flags=re.MULTILINE)
    return {name: tuple(re.findall(r"'([^']*)'", values)) for name, values in rows}


@needs_pwsh
def test_powershell_offers(home: Path) -> None:
    ask = ". ~/pwsh.ps1; [System.Management.Automation.CommandCompletion]::CompleteInput($env:LINE, $env:LINE.Length, $null).CompletionMatches.CompletionText"
    for line, expected in OFFERS:
        environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LINE": line, "TERM": "dumb"}
        command = ["pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", ask]
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert sorted(text.rpartition("=")[2] for text in done.stdout.split()) == sorted(expected.split()), (line, done.stderr)
