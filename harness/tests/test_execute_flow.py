"""How values flow while a cell runs: through calls, over runs, between streams; and what is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from execute_cells import Bench, open_bench

from harness.model.verdict import CellResult, Verdict

SAY = 'echo "$*"'
LIBRARY = """\
format = 1

[procedure.say]
params = ["word"]
times = 2
limit = "5s"

[[procedure.say.step]]
id = "first"
run = ["${word}"]
timeout = "${limit}"
stdout.equals = "${word}\\n"
capture.said = { stream = "stdout" }

[[procedure.say.step]]
id = "second"
run = ["again", "${said}"]
repeat = { times = "${times}" }
stdout.lines = ["again ${word}"]

[procedure.wrap]
params = ["word"]

[[procedure.wrap.step]]
id = "inner"
call = { procedure = "say", word = "<${word}>" }
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as bench:
        (bench.path / "_lib").mkdir()
        (bench.path / "_lib" / "talk.toml").write_text(LIBRARY)
        yield bench


def _told(result: CellResult) -> list[tuple[str, str, str]]:
    return [(finding.step, finding.check, finding.message) for finding in result.findings]


def test_a_call_runs_the_steps_of_the_procedure_with_its_arguments(bench: Bench) -> None:
    text = """
include = ["talk"]

[[case]]
id = "a"
word = "good day"

[[step]]
id = "greet"
call = { procedure = "talk.say", word = "${case.word}", times = 3, limit = "3s" }

[[step]]
id = "deep"
call = { procedure = "talk.wrap", word = "${greet.said}" }

[[step]]
run = ["${deep.inner.said}"]
stdout.equals = "<good day>\\n"
"""
    result = bench.one(text, bench.program(SAY))
    assert (result.verdict, _told(result)) == (Verdict.PASSED, [])
    assert [(item.step, item.attempts) for item in result.observations] == [
        *(("greet.first", 1), ("greet.second", 3), ("deep.inner.first", 1), ("deep.inner.second", 2), ("run-3", 1)),
    ]
    assert result.observations[0].limit == "3 s (step)"


def test_a_finding_in_a_procedure_names_the_step_inside_and_the_calls(bench: Bench) -> None:
    text = """
include = ["talk"]

[[step]]
id = "deep"
call = { procedure = "talk.wrap", word = "hello" }
"""
    artifact = bench.program('[ "$1" = again ] && echo hush || echo "$*"')
    result = bench.one(text, artifact)
    assert [(step, check) for step, check, _ in _told(result)] == [("deep.inner.second", "lines.in-order")]
    assert result.findings[0].position.path.name == "talk.toml"
    scenario = bench.scenario(text)
    assert [[(position.path.name, position.line) for position in step.calls] for step in scenario.steps] == [[("toy.toml", 6), ("talk.toml", 24)]] * 2


def test_an_argument_of_a_pattern_is_taken_literally_and_an_address_keeps_its_identity(bench: Bench) -> None:
    text = """
[server.plane]
use = "control-plane"

[procedure.ask]
params = ["url", "pattern"]

[[procedure.ask.step]]
run = ["${url}/x", "a.b"]
stdout.matches = "^${url}/x ${pattern}$"

[[step]]
call = { procedure = "ask", url = "${plane.url}", pattern = "a.b" }

[[step]]
id = "not-a-pattern"
call = { procedure = "ask", url = "${plane.url}", pattern = "..b" }
"""
    result = bench.one(text, bench.program(SAY), tier="integration")
    assert [(step, check) for step, check, _ in _told(result)] == [("not-a-pattern.run-1", "matches")]
    assert "+ <url:plane>/x a.b" in result.findings[0].diff


def test_finally_calls_run_after_a_failure_and_the_steps_inside_each_for_itself(bench: Bench) -> None:
    text = """
include = ["talk"]

[[step]]
run = []
exit = 7
stdout.ignore = "x"

[[finally]]
id = "clean"
call = { procedure = "talk.say", word = "x" }
"""
    result = bench.one(text, bench.program(SAY))
    assert [item.step for item in result.observations] == ["run-1", "clean.first", "clean.second"]
    assert [finding.step for finding in result.findings] == ["run-1"]


PAGES = """
n=$(cat n 2>/dev/null || echo 1); echo $((n + 1)) > n
[ $n -lt 3 ] && next="\\"p$n\\"" || next='""'
echo "{\\"items\\": [{\\"id\\": \\"a$n\\"}, {\\"id\\": \\"b$n\\"}], \\"next\\": $next}"
"""
WALK = """
[[step]]
id = "walk"
run = ["list"]
repeat = {{ follow = "next", add = ["--after", "${{next}}"], max = 5 }}
capture.next = {{ json = "$.next" }}
gather.ids = {{ json = "$.items[*].id" }}
gather-check = [{checks}]
stdout.ignore = "looked at through what is gathered"

[[step]]
run = ["${{*ids}}"]
stdout.ignore = "only its arguments matter"
"""


def test_gather_collects_over_every_round_and_the_list_can_be_used(bench: Bench) -> None:
    checks = '{ name = "ids", count = 6 }, { name = "ids", distinct = true }, { name = "ids", equals = ["a1", "b1", "a2", "b2", "a3", "b3"] }'
    result = bench.one(WALK.format(checks=checks), bench.program(PAGES))
    assert _told(result) == []
    assert result.observations[1].argv[1:] == ("a1", "b1", "a2", "b2", "a3", "b3")


def test_gather_checks_say_what_the_whole_list_deviates_in(bench: Bench) -> None:
    checks = '{ name = "ids", count = 7 }, { name = "ids", sorted = "ascending" }, { name = "ids", within = ["a1", "b1"] }, { name = "ids", matches = "^a" }'
    result = bench.one(WALK.format(checks=checks), bench.program(PAGES))
    told = _told(result)
    assert told[0] == ("walk", "gather-check.count", "ids has 6 values, not 7")
    assert told[1] == ("walk", "gather-check.sorted", 'ids[2] is "a2" after "b1", which is not ascending')
    assert told[2][2] == 'ids[2] is "a2", not one of "a1", "b1"'
    assert [check for _, check, _ in told].count("gather-check.matches") == 3
    assert [item.step for item in result.observations] == ["walk"], "a deviation of the list ends the steps"


def test_gathered_values_are_real_and_what_is_told_of_them_is_normalised(bench: Bench) -> None:
    text = """
[[step]]
run = ["${sandbox}/a"]
gather.paths = { matches = '^(/.*)' }
gather-check = [{ name = "paths", equals = ["${sandbox}/a"] }, { name = "paths", within = ["${sandbox}/b"] }]
stdout.ignore = "x"
"""
    told = _told(bench.one(text, bench.program(SAY)))
    assert [message for _, _, message in told] == ['paths[0] is "<sandbox>/a", not one of "<sandbox>/b"']


def test_an_empty_list_satisfies_only_a_count_of_none(bench: Bench) -> None:
    text = """
[[step]]
run = []
gather.ids = { matches = '^id (\\d+)' }
gather-check = [{ name = "ids", count = 0 }, { name = "ids", distinct = true }]
stdout.ignore = "x"
"""
    assert [message for _, _, message in _told(bench.one(text, bench.program("echo none")))] == ["ids selects nothing"]


def test_what_cannot_be_gathered_is_a_finding(bench: Bench) -> None:
    text = '\n[[step]]\nrun = []\ngather.ids = { json = "$.items[*].id" }\nstdout.ignore = "x"\n'
    assert "stdout is not JSON" in _told(bench.one(text, bench.program("echo none")))[0][2]
    assert "$.items[1].id is missing" in _told(bench.one(text, bench.program('echo \'{"items": [{"id": 1}, {}]}\'')))[0][2]


RETRY = """
[[step]]
id = "ask"
run = []
retry = { times = 3, matches = "^connection reset", issue = "https://example.invalid/7" }
stdout.equals = "ok\\n"

[[step]]
id = "after"
run = []
stdout.ignore = "x"
"""
COUNTED = "n=$(cat n 2>/dev/null || echo 1); echo $((n + 1)) > n\n"


def test_a_known_failure_is_tried_again_and_the_step_is_flaky(bench: Bench) -> None:
    result = bench.one(RETRY, bench.program(COUNTED + '[ $n -lt 3 ] && { echo "connection reset by $n" >&2; exit 1; }; echo ok'))
    assert result.verdict is Verdict.FAILED, "red unless the ledger covers it"
    (finding,) = result.findings
    assert (finding.step, finding.aspect, finding.check) == ("ask", "flaky", "retry")
    assert finding.message == "needed 3 runs: it failed with a text that retry knows (https://example.invalid/7)"
    assert finding.diff == ("+ run 1: connection reset by 1", "+ run 2: connection reset by 2")
    assert [(item.step, item.attempts) for item in result.observations] == [("ask", 3), ("after", 1)], "a flaky step held, so the next one runs"


def test_any_other_failure_is_not_tried_again(bench: Bench) -> None:
    result = bench.one(RETRY, bench.program(COUNTED + 'echo "no connection reset" >&2; exit 1'))
    assert [check for _, check, _ in _told(result)] == ["exit", "equals", "empty"]
    assert [(item.step, item.attempts) for item in result.observations] == [("ask", 1)]


def test_a_known_failure_that_does_not_end_is_a_failure(bench: Bench) -> None:
    result = bench.one(RETRY, bench.program("echo 'connection reset' >&2; exit 1"))
    assert [check for _, check, _ in _told(result)] == ["exit", "equals", "empty", "retry"]
    assert "failed in all 3 runs" in result.findings[-1].message
    assert [(item.step, item.attempts) for item in result.observations] == [("ask", 3)]


def test_a_step_that_holds_at_once_is_not_flaky(bench: Bench) -> None:
    assert bench.one(RETRY, bench.program("echo ok")).verdict is Verdict.PASSED


def test_same_compares_with_the_stream_of_an_earlier_step(bench: Bench) -> None:
    text = """
[[step]]
id = "one"
run = ["${sandbox}"]
stdout.ignore = "compared below"

[[step]]
id = "two"
run = ["${sandbox}"]
stdout.same = "one"

[[step]]
id = "three"
run = ["other"]
stdout.same = { step = "one", stream = "stdout" }
"""
    (finding,) = bench.one(text, bench.program(SAY)).findings
    assert (finding.step, finding.check, finding.diff) == ("three", "same", ("- <sandbox>", "+ other"))


def test_lines_are_whole_and_in_order(bench: Bench) -> None:
    artifact = bench.program("printf 'alpha\\nbeta\\ngamma\\nbeta\\n'")

    def told(lines: str) -> list[tuple[str, str]]:
        result = bench.one(f"\n[[step]]\nrun = []\nstdout.lines = {lines}\n", artifact)
        return [(check, message) for _, check, message in _told(result)]

    assert told('["alpha", "gamma", "beta"]') == []
    assert told('{ count = 4, any-order = ["gamma", "beta", "beta"] }') == []
    assert told('["gamma", "alpha"]') == [("lines.in-order", 'stdout has the expected line only before "gamma"')]
    assert told('["alph"]') == [("lines.in-order", "stdout does not have the expected line")]
    assert told('{ count = 3, any-order = ["alpha", "alpha"] }') == [
        ("lines.count", "stdout has 4 lines, not 3"),
        ("lines.any-order", "stdout lacks expected lines"),
    ]


def test_schema_names_the_place_that_it_does_not_allow(bench: Bench) -> None:
    (bench.path / "unit").mkdir()
    (bench.path / "unit" / "peers.schema.json").write_text('{"items": {"properties": {"rtt": {"type": "number"}}, "required": ["id"]}}')
    text = '\n[[step]]\nrun = []\nstdout.json.check = [{ path = "$.peers", schema = "peers.schema.json" }]\n'
    assert bench.one(text, bench.program('echo \'{"peers": [{"id": "a", "rtt": 1.5}]}\'')).verdict is Verdict.PASSED
    told = _told(bench.one(text, bench.program('echo \'{"peers": [{"id": "a", "rtt": "x"}, {}]}\'')))
    assert [message for _, _, message in told] == [
        "$.peers[0].rtt is \"x\", which the schema does not allow: 'x' is not of type 'number'",
        "$.peers[1] is {}, which the schema does not allow: 'id' is a required property",
    ]
    assert {check for _, check, _ in told} == {"json.check.schema"}
