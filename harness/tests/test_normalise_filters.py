"""The pipeline that takes out of an output what is not the program's doing: what it replaces, and above all what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.artifact import Artifact, Tree
from harness.normalise.identity import Identities
from harness.normalise.registry import FILTERS, Filter, decode, normalise
from harness.normalise.screen import normalise_screen
from harness.normalise.subject import Subject

ROOT = Path("/srv/cells-ab12/c0000001")


def subject(*arguments: str, target: str = "linux-x64", version: str = "1.2.3", servers: dict[str, str] | None = None) -> Subject:
    artifact = Artifact(
        "native-x",
        "native",
        target,
        Path("/opt/dist/native/omni"),
        "",
        0,
        version,
        tree=Tree(Path("/opt/dist/native"), "", 1),
        prefix=("/opt/app/main.py", "-x"),
    )
    servers = {"plane": "http://127.0.0.1:41233", "other": "http://127.0.0.1:4123"} if servers is None else servers
    return Subject(artifact, ROOT / "work", ROOT / "home", ROOT / "tmp", servers, arguments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ROOT}/work", "<sandbox>"),
        (f"{ROOT}/work/a/b.txt:3", "<sandbox>/a/b.txt:3"),
        (f"cannot read {ROOT}/work.", "cannot read <sandbox>."),
        (f'{{"home":"{ROOT}/home/.config","tmp":"{ROOT}/tmp"}}', '{"home":"<home>/.config","tmp":"<tmp>"}'),
        (f"file://{ROOT}/work/x", "file://<sandbox>/x"),
        (f"{ROOT}/work{ROOT}/work", "<sandbox><sandbox>"),
        (f"{ROOT}/workshop {ROOT}/work-2 {ROOT}/work.d", f"{ROOT}/workshop {ROOT}/work-2 {ROOT}/work.d"),
        ("/opt/dist/native/omni: no", "<program>: no"),
        ("/opt/dist/native/omni-relay", "<artifact>/omni-relay"),
        ("File /opt/dist/native/lib/x.py", "File <artifact>/lib/x.py"),
        ("/opt/app/main.py: bad", "<program>: bad"),
        ("omni: bad", "omni: bad"),
        ("http://127.0.0.1:41233/control/peers", "<url:plane>/control/peers"),
        ("http://127.0.0.1:4123/", "<url:other>/"),
        ("http://127.0.0.1:412330", "http://127.0.0.1:412330"),
        ("127.0.0.1:41233 localhost:41233 [::1]:41233", "127.0.0.1:<port:plane> localhost:<port:plane> [::1]:<port:plane>"),
        ("listening on port 41233", "listening on port <port:plane>"),
        ('{"port":41233,"count":41233} 41233 141233 x:41233', '{"port":41233,"count":41233} 41233 141233 x:41233'),
        ("10.127.0.0.1:41233", "10.127.0.0.1:<port:plane>"),
        ("omni 1.2.3", "omni 1.2.3"),
        ("a\r\nb", "a\r\nb"),
    ],
)
def test_what_is_replaced_and_what_is_not(text: str, expected: str) -> None:
    assert normalise(text, subject("list")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("omni 1.2.3\n", "omni <version>\n"),
        ("omni v1.2.3, built", "omni v<version>, built"),
        ("This is 1.2.3.", "This is <version>."),
        ("11.2.3 1.2.3.4 1.2.30 1.2.3-rc1 1.2.3+b 1.2.3rc", "11.2.3 1.2.3.4 1.2.30 1.2.3-rc1 1.2.3+b 1.2.3rc"),
    ],
)
def test_the_version_is_replaced_where_it_was_asked_for(text: str, expected: str) -> None:
    assert normalise(text, subject("--version")) == expected
    assert normalise(text, subject("list")) == text
    assert normalise(text, subject("--version", version="")) == text


def test_line_ends_of_windows_programs_are_plain_and_others_are_not_touched() -> None:
    assert normalise("a\r\nb\rc\r\n", subject(target="win-x64")) == "a\nb\rc\n"
    assert normalise("a\r\r\n", subject(target="win-x64")) == "a\r\r\n"
    assert normalise("a\r\n", subject(target="linux-x64")) == "a\r\n"


def test_bytes_that_are_no_text_stay_visible() -> None:
    assert decode(b"a\xffb\xc3") == "a\\xffb\\xc3"


def test_paths_as_the_file_system_resolves_them_count_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/tool").touch()
    (tmp_path / "link").symlink_to("real")
    artifact = Artifact("a", "k", "t", tmp_path / "link/tool", "", 0, "")
    text = f"{tmp_path}/link/tool {tmp_path}/real/tool"
    assert normalise(text, Subject(artifact, ROOT / "work", ROOT / "home", ROOT / "tmp")) == "<program> <program>"


NEEDLES = [
    f"{ROOT}/work", f"{ROOT}/home", f"{ROOT}/tmp", "/opt/dist/native/omni", "/opt/dist/native", "/opt/app/main.py", "http://127.0.0.1:41233", "127.0.0.1:4123",
    "localhost:41233", "[::1]:41233", " port 4123", "41233", "1.2.3", "\r\n", "\r", "\n", "<version>", "<sandbox>", "<url:plane>",
]  # fmt: skip
PIECES = st.lists(st.one_of(st.sampled_from(NEEDLES), st.sampled_from(["/", "x", "0", ".", "-", " ", ":", '"', "é"]), st.text(max_size=3)), max_size=12).map(
    "".join
)
SUBJECTS = st.builds(
    subject, st.sampled_from(["--version", "list"]), target=st.sampled_from(["linux-x64", "win-x64"]), version=st.sampled_from(["1.2.3", "", "1", "version"])
)


@given(PIECES, SUBJECTS)
def test_normalising_twice_is_normalising_once(text: str, about: Subject) -> None:
    once = normalise(text, about)
    assert normalise(once, about) == once


@given(PIECES, SUBJECTS, st.sampled_from(FILTERS))
def test_every_filter_by_itself_does_its_work_at_once(text: str, about: Subject, filter_: tuple[str, Filter]) -> None:
    once = filter_[1](text, about)
    assert filter_[1](once, about) == once


@given(st.lists(PIECES.map(lambda text: text.replace("\r", "")), max_size=4), SUBJECTS)
def test_a_line_reads_the_same_in_whatever_stream_and_step_it_stands(texts: list[str], about: Subject) -> None:
    assert normalise("\n".join(texts), about) == "\n".join(normalise(text, about) for text in texts)


@given(PIECES, SUBJECTS)
def test_the_order_of_the_filters_is_fixed_and_one_round_of_it_is_nearly_always_enough(text: str, about: Subject) -> None:
    assert [name for name, _ in FILTERS] == ["line-ends", "sandbox", "program", "server", "version"]
    round_ = text
    for _, apply in FILTERS:
        round_ = apply(round_, about)
    assert normalise(round_, about) == normalise(text, about)


def test_the_sandbox_is_named_before_an_artifact_that_lies_in_it_and_paths_before_addresses() -> None:
    inside = Artifact("a", "k", "t", ROOT / "work" / "dist" / "omni", "", 0, "", tree=Tree(ROOT / "work" / "dist", "", 1))
    about = Subject(inside, ROOT / "work", ROOT / "home", ROOT / "tmp", {"plane": "http://127.0.0.1:4123"})
    assert normalise(f"{ROOT}/work/dist/omni http://127.0.0.1:4123{ROOT}/work", about) == "<sandbox>/dist/omni <url:plane><sandbox>"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r/0123456789"), max_size=20), max_size=8), st.integers(0, 8), SUBJECTS)
def test_lines_without_a_needle_come_out_unchanged_and_in_place(lines: list[str], at: int, about: Subject) -> None:
    noisy = [*lines[:at], f"{ROOT}/work http://127.0.0.1:41233", *lines[at:]]
    result = normalise("\n".join(noisy), about).split("\n")
    del result[min(at, len(lines))]
    assert result == lines


@given(PIECES, SUBJECTS)
def test_nothing_that_differs_from_run_to_run_is_left(text: str, about: Subject) -> None:
    result = normalise(f"{text}\n{ROOT}/work/x\n{text}", about)
    assert f"{ROOT}/work/" not in result
    assert "http://127.0.0.1:41233/" not in result


def test_a_text_of_many_megabytes_goes_through() -> None:
    line = f"peer-1  {ROOT}/work/x  http://127.0.0.1:41233/y  41233\n"
    result = normalise(line * 50_000, subject("--version"))
    assert result == "peer-1  <sandbox>/x  <url:plane>/y  41233\n" * 50_000


def test_every_filter_has_a_name_of_its_own() -> None:
    names = [name for name, _ in FILTERS]
    assert len(set(names)) == len(names)


def test_equal_values_have_equal_numbers_within_their_kind() -> None:
    identities = Identities()
    assert [identities.placeholder("time", value) for value in ("a", "b", "a")] == ["<time:1>", "<time:2>", "<time:1>"]
    assert identities.placeholder("id", "a") == "<id:1>"
    attempt = identities.copy()
    assert attempt.placeholder("time", "c") == "<time:3>"
    assert identities.placeholder("time", "d") == "<time:3>"


USES = st.lists(st.tuples(st.sampled_from(["time", "id"]), st.sampled_from("abcd")), max_size=12)


@given(USES, USES)
def test_a_placeholder_stands_for_one_value_over_every_stream_and_step(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> None:
    identities = Identities()
    shown = [(kind, value, identities.placeholder(kind, value)) for kind, value in (*first, *second)]
    for kind, value, text in shown:
        for other_kind, other_value, other_text in shown:
            assert (text == other_text) == ((kind, value) == (other_kind, other_value))
    assert [identities.copy().placeholder(kind, value) for kind, value, _ in shown] == [text for _, _, text in shown]


# Screens

SECURE = {"plane": "https://127.0.0.1:41233", "other": "http://127.0.0.1:4123"}
PATHS = (f"{ROOT}/work", f"{ROOT}/home", f"{ROOT}/trust/plane/ca.pem", "/opt/dist/native/omni")
BROKEN = ("https://127.0.0.1:41233", "127.0.0.1:41233", "localhost:41233", *PATHS)


def wrapped(text: str, columns: int) -> str:
    """The text as a terminal of this width shows it."""
    rows = [line[start : start + columns].rstrip(" ") for line in text.split("\n") for start in range(0, max(len(line), 1), columns)]
    return "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (100, "error: (GET <url:plane>/control/peers)\n"),
        (40, "error: (GET <url:plane>/contr\nol/peers)\n"),
        (25, "error: (GET <url:plane>\n/control/peers)\n"),
        (10, "error: (GE\nT <url:plane>\n\n/contr\nol/peers)\n"),
    ],
)
def test_the_edge_of_the_terminal_stands_behind_the_placeholder(columns: int, expected: str) -> None:
    text = "error: (GET http://127.0.0.1:41233/control/peers)"
    assert normalise_screen(wrapped(text, columns), text.encode(), subject()) == expected


def test_what_the_program_itself_broke_is_seen() -> None:
    text = "http://127.0.0.1:4\n1233/control"
    assert normalise_screen(text, text.encode(), subject()) == text
    assert normalise_screen("http://127.0.0.1:41\n2334", b"http://127.0.0.1:41233 http://127.0.0.1:412334", subject()) == "http://127.0.0.1:41\n2334"


WORDS = st.text(alphabet="ab c:/.(x", max_size=30)


@given(st.lists(st.one_of(WORDS, st.sampled_from(BROKEN)), max_size=6), st.integers(min_value=7, max_value=120))
def test_only_line_ends_differ_from_a_terminal_that_is_wide_enough(parts: list[str], columns: int) -> None:
    text = " ".join(parts)
    about = subject(servers=SECURE)
    narrow = normalise_screen(wrapped(text, columns), text.encode(), about)
    assert "".join(narrow.split()) == "".join(normalise(text, about).split())
    assert narrow.count("\n") == wrapped(text, columns).count("\n"), "every row is still there"
    assert normalise_screen(narrow, text.encode(), about) == narrow


@given(st.text(alphabet="http:/127.04\n3 ", max_size=60), st.binary(max_size=60))
def test_any_screen_has_a_fixed_point(screen: str, written: bytes) -> None:
    once = normalise_screen(screen, written, subject())
    assert normalise_screen(once, written, subject()) == once
