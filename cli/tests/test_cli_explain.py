"""`omnirelay explain`: each word, each value and each refusal is what the parser makes of the same command line."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from cli.declaration.facts import EXAMPLES
from cli.equivalence.maker import Maker
from cli.equivalence.parsers import command_tree
from cli.generator.reading import read_application
from omnirelay import grammar
from omnirelay._generated import registry
from omnirelay.commands.explain import Explanation, as_json, as_text
from omnirelay.jsontext import compact

VECTORS = 5_000

DRAIN = """\
command: omnirelay mesh upgrade drain
outcome: run
gear: core
tokens:
  1 'mesh': command mesh
  2 'upgrade': command upgrade
  3 'drain': command drain
  4 '-yu': option --yes, option --url
  5 'http://h': value --url
  6 '--format=JSON': option --format, value --format
values:
  --url: 'http://h' (command line)
  --reason: none (default)
  --format: 'json' (command line)
  --yes: true (command line)
  --dry-run: false (default)
  --timeout: '10s' (default)
"""
EXTRA = """\
command: omnirelay mesh peers list
outcome: refused
gear: front
tokens:
  1 'mesh': command mesh
  2 '--': separator
  3 'peers': command peers
  4 'list': command list
  5 '--': separator
  6 '-u': extra
refusal: Got unexpected extra argument (-u)
exit code: 1
"""
UNKNOWN = """\
command: omnirelay mesh peers list
outcome: refused
gear: front
tokens:
  1 'mesh': command mesh
  2 'peers': command peers
  3 'list': command list
  4 '-ux': option --url, value --url
  5 '--formt': unknown
  6 'it\\'s\\n"': not read
refusal: No such option: --formt Did you mean --format?
exit code: 1
"""
NOTHING = "command: omnirelay\noutcome: bare\ngear: front\nexit code: 1\n"
VERSION = """\
command: omnirelay
outcome: version
gear: front
tokens:
  1 '--version': option --version
  2 'mesh': not read
exit code: 0
"""
ITSELF = """\
command: omnirelay explain
outcome: run
gear: front
tokens:
  1 'explain': command explain
  2 'a': argument WORDS
  3 '--': separator
  4 '--': argument WORDS
values:
  WORDS: 'a' (command line)
  WORDS: '--' (command line)
  --format: 'text' (default)
"""
SHARDS = """\
command: omnirelay mesh shards diff
outcome: run
gear: core
tokens:
  1 'mesh': command mesh
  2 'shards': command shards
  3 'diff': command diff
  4 '--status=Active': option --status, value --status
  5 '--to-version': option --to-version
  6 ' ٣_0 ': value --to-version
  7 '--status': option --status
  8 '': value --status
  9 '--status': option --status
  10 'Active': value --status
values:
  --url: 'http://127.0.0.1:8080' (default)
  --namespace: none (default)
  --owner: none (default)
  --search: none (default)
  --status: 'Active' (command line)
  --status: '' (command line)
  --status: 'Active' (command line)
  --from-version: none (default)
  --to-version: 30 (command line)
  --format: 'text' (default)
  --json: false (default)
  --timeout: '15s' (default)
"""
NO_NODE = """\
  --node: none (default)
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["mesh", "upgrade", "drain", "-yu", "http://h", "--format=JSON"], DRAIN), (["mesh", "--", "peers", "list", "--", "-u"], EXTRA),
        (["mesh", "peers", "list", "-ux", "--formt", 'it\'s\n"'], UNKNOWN), ([], NOTHING), (["--version", "mesh"], VERSION),
        (["explain", "a", "--", "--"], ITSELF),
        (["mesh", "shards", "diff", "--status=Active", "--to-version", " ٣_0 ", "--status", "", "--status", "Active"], SHARDS),
    ],
)  # fmt: skip
def test_text(words: list[str], expected: str) -> None:
    assert as_text(Explanation(words)) == expected


def test_values_of_a_repeated_option_and_numbers_in_json() -> None:
    words = ["mesh", "shards", "list", "--page-size", "-0" + "9" * 100, "--status", "a", "--status", "b"]
    values = {entry["parameter"]: entry["value"] for entry in json.loads(compact(as_json(Explanation(words))))["values"]}
    assert values["--page-size"] == -int("9" * 100) and values["--status"] == ["a", "b"]
    simulated = Explanation(["mesh", "shards", "simulate"])
    assert json.loads(compact(as_json(simulated)))["values"][3] == {"parameter": "--node", "value": [], "source": "default"}
    assert NO_NODE in as_text(simulated)


def test_json_says_the_same() -> None:
    found = as_json(Explanation(["mesh", "peers", "list", "-ux", "é\n"]))
    assert json.loads(compact(found)) == {
        "format": 1,
        "command": "omnirelay mesh peers list",
        "outcome": "refused",
        "gear": "front",
        "tokens": [
            {"text": "mesh", "roles": [{"role": "command", "name": "mesh"}]},
            {"text": "peers", "roles": [{"role": "command", "name": "peers"}]},
            {"text": "list", "roles": [{"role": "command", "name": "list"}]},
            {"text": "-ux", "roles": [{"role": "option", "name": "--url"}, {"role": "value", "name": "--url"}]},
            {"text": "é\n", "roles": [{"role": "extra"}]},
        ],
        "values": [],
        "refusal": "Got unexpected extra argument (é\n)",
        "exitCode": 1,
    }


def test_random_vectors_are_explained_as_they_are_read() -> None:
    maker = Maker(command_tree(), 11)
    outcomes = set()
    for _ in range(VECTORS):
        words = maker.words()
        found = as_json(Explanation(list(words)))
        outcomes.add(found["outcome"])
        assert [token["text"] for token in found["tokens"]] == words
        try:
            outcome = grammar.interpret(registry.ROOT, registry.node, list(words))
        except grammar.Refused as refused:
            assert found["refusal"] == refused.message + refused.suffix, words
            continue
        assert (found["outcome"], found["command"]) == (outcome.action, outcome.node.path), words
        if outcome.action == "run":
            _check_run(words, found, outcome)
    assert outcomes == {"run", "refused", "help", "version", "artifact-info", "bare"}


def _number(token: str) -> int:
    """The number that is a word, or hangs on its option."""
    return int(token.rpartition("=")[2])


def _check_run(words: list[str], found: dict[str, Any], outcome: grammar.Outcome) -> None:
    """Every word has a part, and each value that was given is written in the word that the explanation names for it."""
    assert all(token["roles"] for token in found["tokens"]), words
    shown = {entry["parameter"]: entry for entry in found["values"]}
    listed = [parameter.name for parameter in outcome.node.parameters if parameter.kind != grammar.ACTION]
    assert [entry["value"] for entry in found["values"]] == [outcome.values[name] for name in listed]
    origin: dict[str, list[str]] = {}
    taken: list[str] = []
    for token in found["tokens"]:
        for role in token["roles"]:
            if role["role"] == "value":
                origin.setdefault(role["name"], []).append(token["text"])
            elif role["role"] == "argument":
                taken.append(token["text"])
    for name, tokens in origin.items():
        value = shown[name]["value"]
        assert shown[name]["source"] == "command line", words
        # An option that is not repeated has the value of its last word.
        wanted = value if isinstance(value, tuple) else (value,)
        for token, one in zip(tokens[-len(wanted) :], wanted, strict=True):
            assert _number(token) == one if type(one) is int else token.casefold().endswith(one.casefold()), words
        assert len(wanted) == len(tokens) or not isinstance(value, tuple), words
    for entry in shown.values():
        given = entry["parameter"] in origin or entry["value"] is True or (entry["parameter"] == "WORDS" and entry["value"] is not None)
        assert (entry["source"] == "command line") is given, words
    assert taken == list(shown.get("WORDS", {}).get("value") or ())


def test_the_examples_of_the_pages_can_be_run() -> None:
    verbs = {command.path for command in read_application().commands if command.work}
    assert set(EXAMPLES) <= verbs
    for path, lines in EXAMPLES.items():
        for line in lines:
            found = Explanation(shlex.split(line)[1:])
            assert (found.outcome, found.trace.node.path) == ("run", path), line
