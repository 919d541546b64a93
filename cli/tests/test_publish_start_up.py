"""What is done to the package before it is compiled, so that it starts with less work."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.publish.constants import header, named
from cli.publish.extension_types import declare

SOURCE = """
class Plain:
    def __init__(self):
        self.x = 1

class Slotted:
    __slots__ = ("a", "_b")
    LIMIT = 3
    def __init__(self, a):
        self.a = a
        self._b = None

class Fault(Exception):
    exit_code = 1
    def __init__(self, text):
        super().__init__(text)
        self.text = text
        self.count: int = 0

class Worse(Fault):
    exit_code = 2

class Foreign(somewhere.Base):
    __slots__ = ()

class Marked(Exception, metaclass=type):
    pass

class Twice(Fault, Slotted):
    pass
"""


def declared(tmp_path: Path, text: str) -> str:
    source = tmp_path / "module.py"
    source.write_text(text, encoding="utf-8")
    wrote = declare(source)
    pxd = source.with_suffix(".pxd")
    assert pxd.exists() == wrote
    return pxd.read_text(encoding="utf-8") if wrote else ""


def test_classes_whose_attributes_are_known_become_extension_types(tmp_path: Path) -> None:
    assert declared(tmp_path, SOURCE) == (
        "cdef class Slotted:\n    cdef public object a\n    cdef public object _b\n\n"
        "cdef class Fault(Exception):\n    cdef public object count\n    cdef public object text\n\n"
        "cdef class Worse(Fault):\n    pass\n"
    )


@pytest.mark.parametrize("text", ["", "x = 1\n", "class A:\n    pass\n", "@mark\nclass A:\n    __slots__ = ('a',)\n"])
def test_nothing_is_declared_when_nothing_is_certain(tmp_path: Path, text: str) -> None:
    assert declared(tmp_path, text) == ""


def test_constants_are_found_however_they_are_named(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("import m\nfrom n import AF_INET6, lower\na = m.AF_INET\nb = getattr(m, 'MSG_NOSIGNAL', 0)\nc = m.lower\n", encoding="utf-8")
    assert named([source]) == ("AF_INET", "AF_INET6", "MSG_NOSIGNAL")


def test_the_table_is_sorted_as_the_search_needs_it() -> None:
    rows = [line.strip(' ",') for line in header(["B", "A_B", "AB"]).splitlines() if line.startswith("    ")]
    assert rows == sorted(rows) == ["AB", "A_B", "B"]
