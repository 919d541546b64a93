"""Every format tells the same run: five verdicts kept apart, nothing red made green, and no text that acts on its reader."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from results_support import ARTIFACTS, cell, every_kind

from harness.model.verdict import Verdict
from harness.report import events, step_summary
from harness.report.durations import DurationsError, durations, read_durations, rounded
from harness.report.files import write_text
from harness.report.formats import FORMATS
from harness.report.run import COUNTED, NotRunEvent, Run, ordered, timeless
from harness.report.visible import visible
from harness.report.wording import TITLES

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


def text_of(name: str, run: Run) -> str:
    return "".join(FORMATS[name].text(run)).encode("utf-8", "backslashreplace").decode("utf-8")


# What both the schema of the Jenkins xUnit plugin (junit-10) and the older one for Ant allow: attributes, required first; children.
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "timestamp", "hostname", "id", "package"},
        {"skipped"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name", "classname", "time"}, set(), {"failure", "error", "skipped"}),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "skipped": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}
ORDER = ["properties", "testcase", "system-out", "system-err"]


def check_junit(element: ElementTree.Element) -> None:
    required, optional, children = JUNIT[element.tag]
    assert required <= set(element.attrib) <= required | optional, element.tag
    tags = [child.tag for child in element]
    assert set(tags) <= children, element.tag
    if element.tag == "testsuite":
        assert [ORDER.index(tag) for tag in tags] == sorted(ORDER.index(tag) for tag in tags)
    if element.tag == "testcase":
        assert len(tags) <= 1
    for child in element:
        check_junit(child)


def check_counts(suite: ElementTree.Element) -> None:
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        if name in suite.attrib:
            assert int(suite.attrib[name]) == len(list(suite.iter(tag)))


def test_junit_is_what_both_schemas_allow() -> None:
    root = ElementTree.fromstring(text_of("junit", every_kind()))
    check_junit(root)
    for suite in (root, *root):
        check_counts(suite)
    assert [suite.attrib["name"] for suite in root] == ["native-linux-x64", "frozen-linux-x64", "problems", "not run"]
    assert root[0].attrib["timestamp"] == "2025-01-02T03:04:05"


def test_junit_keeps_the_verdicts_apart() -> None:
    root = ElementTree.fromstring(text_of("junit", every_kind()))
    shown = {case.attrib["name"]: [(child.tag, child.attrib["type"]) for child in case] for case in root.iter("testcase")}
    assert shown == {
        "good": [],
        "drain": [],
        "bad": [("failure", "failed")],
        "known": [("skipped", "expected-failure")],
        "terminal": [("skipped", "unsupported")],
        "broken": [("error", "harness-error")],
        "allowed": [("skipped", "tolerated")],
        "scenarios/unit/a.toml": [("error", "problems")],
        "native-win-x64": [("skipped", "not run")],
    }
    bad = next(case for case in root.iter("testcase") if case.attrib["name"] == "bad")[0]
    assert bad.text is not None
    assert "reproduce  .venv/bin/pytest scenarios/unit/parse/words.toml::bad --artifact=native-linux-x64 --keep" in bad.text
    assert "\\x1b[31m\\x00" in bad.text
    terminal = next(case for case in root.iter("testcase") if case.attrib["name"] == "terminal")[0]
    assert terminal.attrib["message"].startswith("unsupported: the artifact lacks tty")


# The facts of the schema of CTRF that our documents touch: everything else is not allowed anywhere.
WHOLE = {"type": "integer"}
STRING = {"type": "string"}
EXTRA = {"type": "object"}


def closed(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


COUNTS = ["tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"]
CTRF = closed(
    ["results", "reportFormat", "specVersion"],
    reportFormat={"const": "CTRF"},
    specVersion={"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
    generatedBy=STRING,
    results=closed(
        ["tool", "summary", "tests"],
        tool=closed(["name"], name={"type": "string", "minLength": 1}),
        summary=closed(COUNTS, **dict.fromkeys([*COUNTS, "suites", "duration"], WHOLE), extra=EXTRA),
        tests={
            "type": "array",
            "items": closed(
                ["name", "status", "duration"],
                id={"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
                name={"type": "string", "minLength": 1},
                status={"enum": ["passed", "failed", "skipped", "pending", "other"]},
                duration=WHOLE,
                suite={"type": "array", "minItems": 1, "items": STRING},
                message=STRING,
                trace=STRING,
                rawStatus=STRING,
                type=STRING,
                filePath=STRING,
                tags={"type": "array", "items": STRING},
                parameters=EXTRA,
                attachments={"type": "array", "items": closed(["name", "contentType", "path"], name=STRING, contentType=STRING, path=STRING)},
            ),
        },
        environment=closed([], appName=STRING, appVersion=STRING, healthy={"type": "boolean"}, extra=EXTRA),
    ),
)


def test_ctrf_is_what_its_schema_allows_and_counts_itself() -> None:
    document = json.loads(text_of("ctrf", every_kind()))
    Draft7Validator(CTRF).validate(document)
    results = document["results"]
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert results["summary"][status] == sum(test["status"] == status for test in results["tests"])
    assert results["summary"]["tests"] == len(results["tests"])
    assert results["summary"]["stop"] - results["summary"]["start"] == 2500
    assert results["environment"]["healthy"] is False
    assert len({test["id"] for test in results["tests"]}) == len(results["tests"])


def test_ctrf_keeps_the_verdicts_apart() -> None:
    document = json.loads(text_of("ctrf", every_kind()))
    assert {test["rawStatus"]: test["status"] for test in document["results"]["tests"]} == {
        "passed": "passed",
        "failed": "failed",
        "harness-error": "failed",
        "expected-failure": "other",
        "tolerated": "other",
        "unsupported": "skipped",
        "problem": "failed",
        "not-run": "skipped",
    }


def test_the_summary_shows_what_is_wrong_and_how_to_run_it_again() -> None:
    text = text_of("summary", every_kind())
    assert text.startswith("## omnirelay: 2 of 7 cells did not pass\n")
    assert "| native-linux-x64 | 1.2.3 | 1 | 1 | 1 | 1 | 1 | 1 |" in text
    for title in (
        "### Problems",
        "### Failed: 1",
        "### Harness errors",
        "### Tolerated failures",
        "### Expected failures: 1",
        "### Unsupported: 1",
        "### Not run",
    ):
        assert title in text
    assert "<img" not in "".join(text.split("````")[::2])  # outside of the blocks nothing acts as HTML
    assert "- native-linux-x64, 1 cell: the artifact lacks tty" in text
    assert ".venv/bin/pytest scenarios --artifact=native-linux-x64 --artifact=frozen-linux-x64" in text


def test_the_summary_of_many_failures_stays_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = tuple(cell(f"case-{number}", "native-linux-x64", Verdict.FAILED) for number in range(200))
    run = ordered(Run("omnirelay", ARTIFACTS, cells))
    text = text_of("summary", run)
    assert text.count("<details>") == step_summary.FULL
    assert "… and 180 more" in text
    monkeypatch.setattr(step_summary, "LIMIT", 3000)
    cut = text_of("summary", run)
    assert len(cut.encode("utf-8")) < 3000 + 200
    assert "this summary would be too long" in cut


def test_what_a_summary_shows_cannot_close_its_block() -> None:
    text = text_of("summary", every_kind())
    block = text.split("<details>")[1].split("</details>")[0]
    assert block.count("````") == 2  # the text holds three back-ticks, so the fence has four


@settings(deadline=None, max_examples=60)
@given(reason=TEXT, what=TEXT, case=TEXT, verdict=st.sampled_from(list(Verdict)))
def test_any_text_gives_a_well_formed_file(reason: str, what: str, case: str, verdict: Verdict) -> None:
    run = Run("p", ARTIFACTS, (cell(case, "native-linux-x64", verdict, reason=reason),), (), (NotRunEvent(what, reason),), started=what)
    check_junit(ElementTree.fromstring(text_of("junit", run)))
    Draft7Validator(CTRF).validate(json.loads(text_of("ctrf", run)))
    page = text_of("matrix", run)
    data = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    assert json.loads(data)["rows"][0][1] == visible(case)
    assert page.count("</script>") == 2
    text_of("summary", run)


def test_the_canonical_file_has_no_times(tmp_path: Path) -> None:
    path = tmp_path / "canonical.jsonl"
    write_text(path, FORMATS["canonical"].text(every_kind()))
    back = events.read(path)
    assert back == timeless(back)
    assert back.counts == every_kind().counts
    assert [row.seconds for row in back.cells] == [0.0] * 7


def test_durations_come_back_from_their_file_and_from_results(tmp_path: Path) -> None:
    run = every_kind()
    write_text(tmp_path / "durations.json", durations(run))
    events.write(tmp_path / "events.jsonl", run)
    found = read_durations(tmp_path / "durations.json")
    assert found == read_durations(tmp_path / "events.jsonl")
    assert found["feature/upgrade/drain", ""] == {"frozen-linux-x64": 250}


@pytest.mark.parametrize(("value", "wanted"), [(0, 0), (0.01234, 0.012), (1.06, 1.1), (12.4, 12), (149.9, 150), (98765, 99000)])
def test_durations_have_two_digits(value: float, wanted: float) -> None:
    assert rounded(value) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is neither durations nor the results of a run"),
        ("[]", "is not a list of durations of format 1"),
        ('{"format": 2, "unit": "ms", "scenarios": {}}', "is not a list of durations of format 1"),
        ('{"format": 1, "unit": "s", "scenarios": {}}', "is not a list of durations of format 1"),
        ('{"format": 1, "unit": "ms"}', "scenarios must be a JSON object"),
        ('{"format": 1, "unit": "ms", "scenarios": {"a": []}}', "a must be a JSON object"),
        ('{"format": 1, "unit": "ms", "scenarios": {"a": {"b": {"c": "1"}}}}', "a::b on c: '1' is not a number of milliseconds"),
        ('{"format": 1, "unit": "ms", "scenarios": {"a": {"b": {"c": NaN}}}}', "NaN is not a JSON number"),
        ('{"format": 1, "unit": "ms", "scenarios": {"a": {"b": {"c": 1e999}}}}', "is not a number of milliseconds"),
        ('{"format": 1, "type": "header"}', "artifacts must be a list"),
    ],
)
def test_durations_that_cannot_be_used_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "durations.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DurationsError) as caught:
        read_durations(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


TREES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda inner: st.dictionaries(st.text(max_size=5), inner))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200) | TREES.map(lambda tree: json.dumps({"format": 1, "unit": "ms", "scenarios": tree}).encode()))
def test_any_bytes_are_durations_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(raw)
    try:
        read_durations(path)
    except DurationsError:
        return


def test_every_format_has_a_name_and_every_word_a_title() -> None:
    assert list(FORMATS) == [item.name for item in FORMATS.values()]
    assert set(TITLES) == set(COUNTED)
