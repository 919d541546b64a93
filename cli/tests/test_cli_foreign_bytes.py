"""Bytes that are not what they should be: arguments in the encoding of a locale, answers that are not UTF-8, and defects that become one line."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnirelay import jsontext
from omnirelay.__main__ import as_utf8
from omnirelay.invocation import guarded, new_session


@given(st.lists(st.binary(max_size=12)), st.sampled_from(["utf-8", "iso8859-9", "ascii", "cp1252", "iso8859-7"]))
def test_arguments_are_utf_8_whatever_the_locale(words: list[bytes], encoding: str) -> None:
    read = [word.decode(encoding, "surrogateescape") for word in words]
    assert as_utf8(read, encoding) == [word.decode("utf-8", "surrogateescape") for word in words]


@given(st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_where_an_answer_stops_being_utf_8_is_told_as_the_strict_decoder_tells_it(data: bytes) -> None:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        with pytest.raises(jsontext.JsonFault, match=rf"\Abyte {problem.start + 1} is not UTF-8\Z"):
            jsontext.parse(data)
    else:
        try:
            jsontext.parse(data)
        except jsontext.JsonFault as fault:
            assert "UTF-8" not in str(fault)


def test_a_defect_is_one_line_and_exit_1(capfd: pytest.CaptureFixture[str]) -> None:
    def broken() -> int:
        raise LookupError("no such thing")

    assert guarded(new_session(), broken) == 1
    assert capfd.readouterr().err == "error: internal error: LookupError: no such thing. Set OMNIRELAY_DEBUG=1 to see where, and report it.\n"
