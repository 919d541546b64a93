"""The judge: each way in which a step can deviate is found, by the check that says so, and nothing else is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

import pytest

from harness.compare.base import StreamText
from harness.compare.capture import take
from harness.compare.goldens import golden_key
from harness.compare.judge import judge
from harness.load.document import Document
from harness.load.scenarios import bind_scenario
from harness.model.observation import Exit, FileDelta, Observation
from harness.model.step import Step
from harness.model.template import Template, fill, fill_value
from harness.model.verdict import Finding, GoldenUse

NAMES: dict[str, object] = {"case.word": "w.rd", "case.codes": [3, 4], "sandbox": "<sandbox>"}


@dataclass
class Context:
    """A context over a few fixed names and goldens; normalising means nothing but decoding."""

    goldens: dict[str, str] = field(default_factory=dict)
    uses: list[GoldenUse] = field(default_factory=list)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def stream(self, name: str, raw: bytes, written: bytes | None = None) -> StreamText:
        return StreamText(name, raw, raw.decode("utf-8", "backslashreplace"))

    def resolve(self, template: Template) -> str:
        return fill(template, NAMES.__getitem__)

    def resolve_value(self, value: object) -> object:
        return fill_value(value, NAMES.__getitem__)

    def golden_key(self, step: str, stream: str) -> str:
        return golden_key("unit/x", "a", step, stream)

    def golden(self, key: str) -> str | None:
        return self.goldens.get(key)

    def record(self, use: GoldenUse) -> None:
        self.uses.append(use)

    def placeholder(self, kind: str, value: str) -> str:
        number = self.numbers.setdefault((kind, value), 1 + sum(1 for known, _ in self.numbers if known == kind))
        return f"<{kind}:{number}>"


def _step(expectations: str) -> Step:
    text = f'format = 1\ntitle = "t"\n[[case]]\nid = "a"\nword = "w.rd"\ncodes = [3, 4]\n[[step]]\nid = "s"\nrun = []\n{expectations}\n'
    tomllib.loads(text)
    document = Document.parse(text.encode(), Path("unit/x.toml"), PurePath("unit/x.toml"))
    return bind_scenario(document, Path("unit/x.toml"), Path()).steps[0]


def _judge(expectations: str, observation: Observation, context: Context | None = None) -> tuple[Finding, ...]:
    return judge(_step(expectations), observation, context or Context())


DONE = Observation("s", exit=Exit(0))


@pytest.mark.parametrize(
    ("expectations", "stdout"),
    [
        ("", b""),
        ("stdout.equals = 'a ${case.word}'", b"a w.rd"),
        ("stdout.contains = ['b', '${case.word}']", b"abw.rdc"),
        ("stdout.absent = ['x']", b"abc\n"),
        ("stdout.matches = ['^b$', '^${case.word}$']", b"a\nb\nw.rd\n"),
        ("stdout.ignore = 'because'", b"\xff\x00 anything"),
        ("stdout.json.equals = { a = 1, b = '<time:1>', c = '<time:1>' }\nstdout.json.placeholders = { '$.b' = 'time', '$.c' = 'time' }",
         b'{"c": "2025-01-02T03:04:05Z", "b": "2025-01-02T03:04:05Z", "a": 1}'),
        ("stdout.json.check = [{ path = '$.a', equals = '${case.codes}' }]", b'{"a": [3, 4]}'),
    ],
)  # fmt: skip
def test_what_is_right_has_no_finding(expectations: str, stdout: bytes) -> None:
    assert _judge(expectations, replace(DONE, stdout=stdout)) == ()


@pytest.mark.parametrize(
    ("expectations", "stdout", "check"),
    [
        ("", b"\n", "empty"),
        ("stdout.equals = 'a'", b"a\n", "equals"),
        ("stdout.contains = ['a', 'b']", b"a", "contains"),
        ("stdout.contains = 'a'", b"", "contains"),
        ("stdout.absent = 'b'", b"a\nabc\n", "absent"),
        ("stdout.matches = '^${case.word}$'", b"word\n", "matches"),
        ("stdout.contains = 'a'", b"a\xff", "utf-8"),
        ("stdout.json.equals = {}", b"{", "json"),
        ("stdout.json.equals = { a = true }", b'{"a": 1}', "json.equals"),
        ("stdout.json.check = [{ path = '$.a', equals = 1 }]", b"{}", "json.check.equals"),
        ("stdout.json.equals = { a = 'x' }\nstdout.json.placeholders = { '$.a' = 'time' }", b'{"a": "x"}', "json.placeholders"),
        ("stdout.snapshot = true", b"x", "snapshot"),
        ("stdout.json.snapshot = true", b"{}", "json.snapshot"),
    ],
)
def test_each_deviation_is_found_by_its_check(expectations: str, stdout: bytes, check: str) -> None:
    findings = _judge(expectations, replace(DONE, stdout=stdout))
    assert [(item.step, item.aspect, item.check) for item in findings] == [("s", "stdout", check)]


def test_stderr_is_accounted_for_like_stdout() -> None:
    assert [item.aspect for item in _judge("", replace(DONE, stderr=b"warning\n"))] == ["stderr"]


@pytest.mark.parametrize(
    ("expectations", "end", "right"),
    [
        ("", Exit(0), True),
        ("", Exit(1), False),
        ("exit = 1", Exit(1), True),
        ("exit = [1, 2]", Exit(2), True),
        ("exit = [1, 2]", Exit(0), False),
        ("exit = '${case.codes}'", Exit(4), True),
        ("exit = '${case.codes}'", Exit(0), False),
        ("exit = 'signal:TERM'", Exit(signal="TERM"), True),
        ("exit = 'signal:TERM'", Exit(0), False),
        ("exit = [0, 'signal:TERM']", Exit(0), True),
        ("exit = [143]", Exit(signal="TERM"), False),
    ],
)
def test_exit_codes_and_signals(expectations: str, end: Exit, right: bool) -> None:
    findings = _judge(expectations, replace(DONE, exit=end))
    assert [item.check for item in findings] == ([] if right else ["exit"])


def test_exit_message_says_both_sides() -> None:
    (finding,) = _judge("exit = [0, 'signal:TERM']", replace(DONE, exit=Exit(signal="KILL")))
    assert (finding.message, finding.diff) == ("signal KILL instead of exit 0 or signal TERM", ("- exit 0 or signal TERM", "+ signal KILL"))


def test_time_limit_is_the_only_finding_and_names_its_source() -> None:
    observation = replace(DONE, exit=Exit(signal="KILL"), stdout=b"half", timed_out=True, limit="10 s (unit tier)")
    (finding,) = _judge("", observation)
    assert (finding.aspect, finding.message) == ("timeout", "no end within 10 s (unit tier)")


@pytest.mark.parametrize(("allowed", "told"), [(0, 2), (1, 2), (2, 0), (3, 0)])
def test_more_orphans_than_the_step_allows_are_all_told(allowed: int, told: int) -> None:
    findings = _judge(f"budget.leaks.processes = {allowed}", replace(DONE, orphans=("sleep 1", "sleep 2")))
    assert len(findings) == told


def test_orphans_and_cut_output_are_found() -> None:
    findings = _judge("stdout.contains = 'a'", replace(DONE, stdout=b"a", cut={"stdout": 7}, orphans=("sleep (pid 7)",)))
    assert [(item.aspect, item.check) for item in findings] == [("stdout", "output-limit"), ("leak", "orphan")]


@pytest.mark.parametrize(
    ("expectations", "delta", "checks"),
    [
        ("", FileDelta(created=("a",)), []),
        ("files.created = ['a', 'b']", FileDelta(created=("b", "a")), []),
        ("files.created = ['a']", FileDelta(created=("a", "b")), ["files.created"]),
        ("files.changed = []", FileDelta(deleted=("a",)), ["files.changed"]),
        ("files.changed = ['a', 'b']", FileDelta(created=("a",), modified=("b",)), []),
        ("files = { modified = ['a'], deleted = [] }", FileDelta(deleted=("a",)), ["files.modified", "files.deleted"]),
    ],
)
def test_changes_on_disk(expectations: str, delta: FileDelta, checks: list[str]) -> None:
    assert [item.check for item in _judge(expectations, replace(DONE, files=delta))] == checks


def test_goldens_are_compared_and_their_use_recorded() -> None:
    key = "unit/x/a/s.stdout"
    for goldens, matched, missing in (({key: "new\n"}, True, False), ({key: "old\n"}, False, False), ({}, False, True)):
        context = Context(goldens)
        findings = _judge("stdout.snapshot = true", replace(DONE, stdout=b"new\n"), context)
        (use,) = context.uses
        assert (use.key, use.actual, use.matched, use.missing) == (key, "new\n", matched, missing)
        assert [item.position for item in findings] == ([] if matched else [use.position])


def test_json_golden_is_the_stable_document() -> None:
    context = Context()
    expectations = "stdout.json.snapshot = true\nstdout.json.placeholders = { '$.p[*].at' = 'time', '$.p[*].rtt' = 'number' }"
    raw = b'{"p":[{"at":"2025-01-02T03:04:05Z","rtt":1},{"at":"2025-01-02T03:04:06Z","rtt":1},{"at":"2025-01-02T03:04:05Z","rtt":2}]}'
    _judge(expectations, replace(DONE, stdout=raw), context)
    actual = context.uses[0].actual
    assert [line.strip() for line in actual.splitlines() if "at" in line] == ['"at": "<time:1>",', '"at": "<time:2>",', '"at": "<time:1>",']
    assert actual.count('"<number>"') == 3


def test_nearest_line_is_shown_for_a_missing_text() -> None:
    (finding,) = _judge("stdout.contains = 'State : Drained'", replace(DONE, stdout=b"x\nState : Draining\ny\n"))
    assert finding.diff == ("- State : Drained", "+ State : Draining")


CAPTURES = """
stdout.ignore = "captured"
stderr.ignore = "captured"
capture.state = { json = "$.state" }
capture.word = { matches = 'w=(\\w+)', stream = "stderr" }
capture.all = { stream = "stderr" }
capture.code = { exit = true }
capture.cursor = { json = "$.next", optional = true }
"""


def test_captures_take_real_values() -> None:
    values, findings = take(_step(CAPTURES), replace(DONE, stdout=b'{"state": {"a": [1]}}', stderr=b"x w=5\r\n"))
    assert findings == ()
    assert values == {"state": {"a": [1]}, "word": "5", "all": "x w=5", "code": 0, "cursor": ""}


def test_missing_captures_are_findings() -> None:
    values, findings = take(_step(CAPTURES), replace(DONE, stdout=b"no json", stderr=b"x"))
    assert [item.message for item in findings] == [
        '"state" cannot be captured: stdout is not JSON: line 1, column 1: expecting value',
        '"word" cannot be captured: nothing matches w=(\\w+)',
    ]
    assert values == {"all": "x", "code": 0, "cursor": ""}
