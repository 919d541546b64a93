"""JSON text against the standard library as the oracle, and the faults with their places."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnirelay.jsontext import DEPTH, JsonFault, compact, indented, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(value=VALUES, blank=st.sampled_from(["", " ", "\r\n\t "]), mark=st.booleans())
def test_values_survive(value: object, blank: str, mark: bool) -> None:
    text = blank + json.dumps(value, ensure_ascii=False) + blank
    data = text.encode("utf-8", "surrogatepass")
    if "\ud800" <= max(text, default="") <= "\udfff" or any("\ud800" <= char <= "\udfff" for char in text):
        return
    assert parse((b"\xef\xbb\xbf" if mark else b"") + data) == value
    assert compact(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def disturbed(value: object, at: int, sign: str) -> str:
    text = json.dumps(value)
    return text[:at] + sign + text[at + 1 :]


def strict(text: str) -> object:
    def refuse(name: str) -> object:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(
    text=st.one_of(
        st.text(alphabet='{}[]:,"\\ \n\ttrufalsn0123456789.eE+-ux/é\x01', max_size=24),
        st.builds(disturbed, VALUES, st.integers(0, 30), st.sampled_from('"{}[],:\\x0 ')),
    )
)
def test_any_text_gives_the_value_or_a_fault_with_a_place(text: str) -> None:
    try:
        expected = strict(text)
    except (ValueError, RecursionError):
        with pytest.raises(JsonFault) as caught:
            parse(text.encode("utf-8", "surrogatepass"))
        assert " at line " in str(caught.value) or "UTF-8" in str(caught.value)
        return
    assert parse(text.encode()) == expected


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "a value is missing at line 1 column 1"),
        (b"nul", "a value is missing at line 1 column 1"),
        (b"NaN", "a value is missing at line 1 column 1"),
        (b"[1, -Infinity]", "a digit is missing at line 1 column 6"),
        (b"[1,]", "a value is missing at line 1 column 4"),
        (b'{"a":1,\n "b" 2}', "':' is missing at line 2 column 6"),
        (b'{"a":1,}', "a name in double quotes is missing at line 1 column 8"),
        (b"[1 2]", "',' or ']' is missing at line 1 column 4"),
        (b'{"a":1', "',' or '}' is missing at line 1 column 7"),
        (b'["a\nb"]', "a control character in a string at line 1 column 4"),
        (b'["\\x"]', "a wrong escape in a string at line 1 column 3"),
        (b'["\\u12"]', "a wrong escape in a string at line 1 column 3"),
        (b'["abc', "a string without an end at line 1 column 2"),
        (b"{} x", "unexpected text after the value at line 1 column 4"),
        (b"01", "unexpected text after the value at line 1 column 2"),
        (b"[" + b"9" * 5000 + b"]", "a number has too many digits"),
        (b'"\xff"', "byte 2 is not UTF-8"),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), f"too many levels of nesting at line 1 column {DEPTH + 1}"),
        (b"[" * 100_000, f"too many levels of nesting at line 1 column {DEPTH + 1}"),
    ],
)
def test_faults(data: bytes, text: str) -> None:
    with pytest.raises(JsonFault) as caught:
        parse(data)
    assert str(caught.value) == text


def test_depth_is_allowed_up_to_the_limit() -> None:
    assert parse(b"[" * DEPTH + b"]" * DEPTH) is not None
    assert parse(b"[" + b"[]," * 500 + b"[]]") == [[]] * 501


def test_the_last_of_duplicate_names_wins() -> None:
    assert parse(b'{"a":1,"a":2}') == {"a": 2}


@settings(max_examples=600, deadline=None, derandomize=True)
@given(
    data=st.binary(max_size=24)
    | st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b":", b",", b"1", b"-", b"e", b"\\u", b"d83d", b"\xc3", b"\xa9"])).map(b"".join)
)
def test_any_bytes_give_what_the_standard_library_gives_or_a_fault(data: bytes) -> None:
    try:
        expected = strict(data.decode("utf-8"))
    except ValueError:
        with pytest.raises(JsonFault):
            parse(data)
        return
    assert parse(data) == expected


@pytest.mark.parametrize("sign", ["", "-"])
def test_integers_are_read_up_to_the_digits_that_the_interpreter_converts(sign: str) -> None:
    longest = sign + "9" * 4300
    assert parse(longest.encode()) == int(longest)
    assert indented(parse(longest.encode())) == longest + "\n"
    with pytest.raises(JsonFault, match="too many digits"):
        parse((longest + "9").encode())


def test_a_long_fraction_is_a_number_like_any_other() -> None:
    assert parse(b"1." + b"3" * 100_000) == float("1." + "3" * 100_000)
    assert parse(b"1e-999999999") == 0.0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(value=VALUES)
def test_what_is_written_reads_back_the_same(value: object) -> None:
    for text in (compact(value), indented(value)):
        assert parse(text.encode("utf-8")) == json.loads(text) == value
