"""What is done to the package before it is compiled, so that it starts with less work."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.publish.answers import answers_header
from cli.publish.compile import START, Module, linked_modules
from cli.publish.errors import PublishError
from cli.publish.extension_types import declare
from cli.publish.link import module_table
from cli.publish.reachable import reachable
from cli.publish.staging import PACKAGE
from cli.publish.trimming import Used, hashed, header, used

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


def test_names_are_found_however_they_are_used(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    text = "import m.sub\nfrom n import AF_INET6, lower\na = m.AF_INET\nb = getattr(m, 'MSG_NOSIGNAL', 0)\nc = m.Upper\n"
    source.write_text("from __future__ import annotations\n" + text + "if TYPE_CHECKING:\n    import types\n    d = m.NOT\n", encoding="utf-8")
    inner = tmp_path / "inner.py"
    inner.write_text("from p import other\nx = other.NEVER\n", encoding="utf-8")
    found = used([source, inner], "p")
    assert found == Used(("_imp", "builtins", "m", "n", "sys"), ("AF_INET", "AF_INET6", "MSG_NOSIGNAL", "Upper", "annotations", "lower"))
    assert found.constants == ("AF_INET", "AF_INET6", "MSG_NOSIGNAL")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 109, 300])
def test_words_stand_where_their_hash_says_or_in_the_next_free_place(count: int) -> None:
    # Two and two have one hash, for `AA` and `B"` are the same to it.
    words = [f"name_{number // 2}" + ("AA" if number % 2 else 'B"') for number in range(count)]
    table = hashed(words)
    size = len(table)
    assert size & (size - 1) == 0 and 2 * count < size and sorted(word for word in table if word) == sorted(words)
    for word in words:
        number = 0
        for byte in word.encode():
            number = number * 31 + byte
        steps = next(step for step in range(size) if table[(number + step) % size] == word)
        assert all(table[(number + step) % size] for step in range(steps))


def test_tables_are_written_for_c() -> None:
    text = header(Used(("m",), ("AB", "lower")))
    tables = [[line.strip(' ",') for line in part.splitlines()[1:] if line.startswith("    ")] for part in text.split("static ")[1:]]
    assert tables == [hashed_for_c(["AB", "lower"]), hashed_for_c(["AB"])]


def hashed_for_c(words: list[str]) -> list[str]:
    return [word or "NULL" for word in hashed(words)]


def test_the_table_of_modules_has_ours_and_what_they_use(tmp_path: Path) -> None:
    text = module_table([Module("p.one", "PyInit_1p__3one", tmp_path)], ("posix", "sys"))
    rows = [line.strip() for line in text.splitlines() if line.startswith("    {")]
    assert "extern PyObject *PyInit_1p__3one(void);" in text and "struct _inittab omnirelay_modules[] = {" in text
    assert sorted(set(rows)) == sorted(
        {'{"p.one", PyInit_1p__3one},', '{"posix", NULL},', '{"sys", NULL},', '{"_full_stage", PyInit__full_stage},', "{NULL, NULL},"}
    )
    assert f"const size_t omnirelay_modules_size = {len(rows)};\n" in text


FILES = {
    "__init__.py": "",
    "start.py": "from p.deep import one\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    from p import types_only\nelse:\n    import p.other\n",
    "types_only.py": "", "other.py": "def late():\n    from p.deep.two import name\n", "alone.py": "import p.start",
    "deep/__init__.py": "", "deep/one.py": "import json, q\nimport p.start\n", "deep/two.py": "name = 1\n", "deep/three.py": "",
}  # fmt: skip


def test_only_what_the_start_leads_to_is_linked(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / name).write_text(text, encoding="utf-8")
    found = reachable(tmp_path / "p", "p.start")
    assert sorted(found) == ["p", "p.deep", "p.deep.one", "p.deep.two", "p.other", "p.start"]
    assert found["p.deep.two"] == tmp_path / "p" / "deep" / "two.py"
    assert "p.alone" in reachable(tmp_path / "p", "p.alone")
    with pytest.raises(PublishError, match=r"has no module p\.missing, at which the program starts"):
        reachable(tmp_path / "p", "p.missing")


def test_the_native_program_holds_all_commands_and_no_grammar() -> None:
    linked = {module.name: module.initialiser for module in linked_modules(PACKAGE)}
    assert linked[f"omnirelay.{START}"] == "PyInit_9omnirelay__10invocation"
    assert {"omnirelay.commands.peers_list", "omnirelay.commands.upgrade_verbs", "omnirelay.commands.introspection", "omnirelay.debug"} <= set(linked)
    parsing = {"__main__", "grammar", "suggestions", "parse_trace", "render.help_page", "render.usage", "_generated.registry", "_generated.group_pages"}
    assert not {f"omnirelay.{name}" for name in parsing} & set(linked)
    assert not [name for name in linked if "completion" in name or "explain" in name or "._generated.verb_" in name]


def test_the_table_of_answers_counts_bytes() -> None:
    assert '    {"version", "\\303\\274\\012", 3},\n' in answers_header({"version": "\u00fc\n"})
