"""Durations, timestamps, addresses, and text that is safe to print."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnirelay import durations, timestamps
from omnirelay.commands.peers_list import milliseconds
from omnirelay.render.safe_text import shortened, visible
from omnirelay.render.tables import Columns
from omnirelay.transport import address as addresses


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25), ("1.5s", 1.5), ("2m", 120.0), ("1h", 3600.0), ("1d", 86400.0), ("1e3ms", 1.0), ("5 s", 5.0), ("+2s", 2.0), ("0", 0.0),
        (" 5S ", 5.0), ("00:00:10", 10.0), ("00:01", 60.0), ("1.00:00:01", 86401.0), ("1:00:00:01", 86401.0), ("00:00:00.25", 0.25), ("0.0", 0.0),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert durations.parse(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("5", "Add a unit, such as 5s."), ("10.5", "Add a unit, such as 10.5s."), ("-1s", "It must not be negative."), ("nans", "Use a number"),
        ("infs", "Use a number"), ("1e400s", "It is too large."), ("1e13s", "It is too large."), ("", "Use a number"), ("not-a-duration", "Use a number"),
        ("24:00:00", "Hours go to 23"), ("00:60", "Hours go to 23"), ("1:2:3:4:5", "Use hh:mm:ss"), ("aa:bb", "Use hh:mm:ss"), ("s", "Use a number"),
        ("1_0s", "Use a number"), ("-00:00:05", "It must not be negative."), ("٥s", "Use a number"), ("1s" * 40, "It is too long."),
        ("1.:00:00", "Use hh:mm:ss"),
    ],
)  # fmt: skip
def test_what_is_no_duration(text: str, hint: str) -> None:
    with pytest.raises(durations.DurationFault) as caught:
        durations.parse(text)
    assert caught.value.hint.startswith(hint)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.text(max_size=12) | st.text(alphabet="0123456789.:eE+-msdh ", max_size=14))
def test_any_text_is_a_duration_or_a_fault(text: str) -> None:
    try:
        assert durations.parse(text) >= 0
    except durations.DurationFault as fault:
        assert fault.hint


@settings(max_examples=500, deadline=None, derandomize=True)
@given(
    moment=st.datetimes(datetime.datetime(2, 1, 1), datetime.datetime(9998, 12, 30)),
    minutes=st.integers(-23 * 60 - 59, 23 * 60 + 59),
    digits=st.integers(0, 6),
)
def test_timestamps_in_utc(moment: datetime.datetime, minutes: int, digits: int) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 10 ** (6 - digits) * 10 ** (6 - digits))
    zoned = moment.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
    sign = "-" if minutes < 0 else "+"
    text = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    assert timestamps.is_valid(text)
    found = timestamps.to_utc_text(text)
    assert found.endswith("Z") and not found.rstrip("Z").endswith(".")
    assert datetime.datetime.fromisoformat(found.rjust(20, "0")) == zoned


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-10-01T00:00:00+00:00", "2024-10-01T00:00:00Z"), ("2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00Z"),
        ("2023-12-31t23:59:59.123456789-00:01", "2024-01-01T00:00:59.123456789Z"), ("2024-01-02T03:04:05.2500000z", "2024-01-02T03:04:05.25Z"),
    ],
)  # fmt: skip
def test_timestamp_examples(text: str, utc: str) -> None:
    assert timestamps.to_utc_text(text) == utc


@pytest.mark.parametrize(
    "text",
    [
        "", "2024-10-01", "2024-10-01T00:00:00", "2024-10-01 00:00:00Z", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2024-10-01T24:00:00Z",
        "2024-10-01T00:00:60Z", "2024-10-01T00:00:00.Z", "2024-10-01T00:00:00.1234567890Z", "2024-10-01T00:00:00+0100", "2024-10-01T00:00:00+24:00",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z", "２024-10-01T00:00:00Z", "2024-1-001T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_timestamp(text: str) -> None:
    assert not timestamps.is_valid(text)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.text(alphabet="0123456789-:.TtZz+ é", min_size=18, max_size=37) | st.text(max_size=40))
def test_any_text_is_a_timestamp_or_not(text: str) -> None:
    if timestamps.is_valid(text):
        assert timestamps.is_valid(timestamps.to_utc_text(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://127.0.0.1:8080", ("127.0.0.1", 8080, "/")), ("HTTP://h", ("h", 80, "/")), ("http://h:1/a?b#c", ("h", 1, "/a?b")),
        ("http://[::1]:9/x", ("::1", 9, "/x")), ("http://h?q", ("h", 80, "/?q")), ("http://h/ä b", ("h", 80, "/%C3%A4%20b")), ("http://h:/", ("h", 80, "/")),
        ("http://bücher.example:8/ä", ("xn--bcher-kva.example", 8, "/%C3%A4")), ("http://ＢＵ\u0308CHER。example", ("xn--bcher-kva.example", 80, "/")),
        ("http://１２７。0.0.1:1", ("127.0.0.1", 1, "/")), ("http://ｌｏｃａｌｈｏｓｔ", ("localhost", 80, "/")),
        ("http://faß.example", ("fass.example", 80, "/")), ("http://日本語.example.", ("xn--wgv71a119e.example.", 80, "/")),
    ],
)  # fmt: skip
def test_addresses(text: str, found: tuple[str, int, str]) -> None:
    address = addresses.parse(text)
    assert (address.host, address.port, address.target) == found
    assert addresses.parse(address.text).text == address.text


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "/x", "h:8080", "ftp://h", "http://", "http://:80", "http://h:0", "http://h:65536", "http://h:x", "http://u:p@h", "http://[::1", "http://[x]",
        "http://[::1]x", "http://h\n", "http://h／ä", "http://h h", "http://" + "h" * 254, "http://h/" + "x" * 9000, "http://[fe80::1%eth0]", "http://h:٨",
        "http://ä..b", "http://。ä", "http://xn--ä", "http://a／b", "http://ä：81", "http://u＠ä", "http://" + "ä" * 60, "http://" + "ä.b" * 84, "http://℀", "http://אa",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(addresses.AddressFault):
        addresses.parse(text)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.text(max_size=30) | st.builds("http://{}".format, st.text(alphabet="ab.:/[]@?#%0189 éß。／＠א", max_size=20)))
def test_any_text_is_an_address_or_a_fault(text: str) -> None:
    try:
        address = addresses.parse(text)
    except addresses.AddressFault:
        return
    assert address.target.isascii() and address.target.startswith("/") and " " not in address.target
    assert 1 <= address.port <= 65535 and address.host.isascii()
    assert addresses.parse(address.text).text == address.text


@pytest.mark.parametrize(
    ("reference", "target"),
    [("/n", "/n"), ("n?x", "/a/n?x"), ("../n", "/n"), ("./n/.", "/a/n/"), ("?y", "/a/b?y"), ("//h2:5/z", "/z"), ("http://h3/w#f", "/w"), ("/n#f", "/n")],
)
def test_redirect_targets(reference: str, target: str) -> None:
    assert addresses.resolve(addresses.parse("http://h/a/b?q"), reference).target == target


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(max_size=30))
def test_visible_text_is_printable_and_plain_text_is_kept(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert shown == text or not text.isprintable()


def test_visible_examples() -> None:
    assert visible("a\x1b[31m\n\u202eb\ud800\U000e0001") == "a\\x1b[31m\\n\\u202eb\\ud800\\U000e0001"
    assert shortened("x" * 10, 4) == "xxxx..."


def test_columns_are_padded_and_never_cut() -> None:
    columns = Columns(("Name", "n"), (6, -4))
    assert columns.head() == "Name      n\n"
    assert columns.row(("a-long-name", "12345")) == "a-long-name 12345\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25, "0.25"), (1.4, "1.4"), (12, "12"), (12.0, "12"), (0.001, "0"), (-0.001, "0"), (100.456, "100.46"), (10, "10")],
)
def test_round_trip_times(value: float, text: str) -> None:
    assert milliseconds(value) == text


NEARLY = st.tuples(
    st.sampled_from(["2025-01-02T03:04:05", "2024-02-29T23:59:59", "0000-01-01T00:00:00", "2025-12-28T24:00:60", "2025-13-00T03:04:05"]),
    st.sampled_from(["", ".", ".2", ".25", ".123456789", ".1234567890", ":1", ".1.2"]),
    st.sampled_from(["Z", "z", "+00:00", "-00:00", "+05:30", "+00:0", "", "ZZ"]),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(list("0123456789-:T.Z+ "))), max_size=2),
)


@given(NEARLY)
@settings(max_examples=2000, deadline=None)
def test_the_short_way_to_a_valid_timestamp_agrees_with_the_long_one(parts: tuple[str, str, str, list[tuple[int, str]]]) -> None:
    moment, fraction, zone, changes = parts
    letters = list(moment + fraction + zone)
    for place, letter in changes:
        letters[place % len(letters)] = letter
    text = "".join(letters)
    try:
        timestamps.to_utc_text(text)
        valid = True
    except ValueError:
        valid = False
    assert timestamps.is_valid(text) == valid
