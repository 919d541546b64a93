"""Which modules of the standard library the native program gets, on a small library of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.publish import stdlib
from cli.publish.errors import PublishError
from cli.publish.freeze import library_table
from cli.publish.stdlib import LibraryModule, library_modules

ALIASES = '"""Names."""\naliases = {"utf8": "utf_8", "u8": "utf_8", "short": "long_one"}\n'
LIBRARY = {
    "encodings/__init__.py": "import codecs\nfrom . import aliases\n",
    "encodings/aliases.py": ALIASES,
    "encodings/utf_8.py": "import codecs\n",
    "encodings/long_one.py": "def f(text):\n    import never\n    return text.encode('puny-Code')\n",
    "encodings/puny_code.py": "",
    "codecs.py": "import sys\ntry:\n    import helper\nexcept ImportError:\n    pass\n",
    "helper.py": "class A:\n    from deep.er import thing\n",
    "deep/__init__.py": "",
    "deep/er.py": "from . import beside\nfrom .still import *\nfrom .. import nothing\n",
    "deep/beside.py": "def late():\n    import never\nx = lambda: __import__('never')\n",
    "deep/still.py": "",
    "io.py": "import _io\n",
    "wanted.py": "",
    "never.py": "this is not Python",
    "typed.py": "",
}
START = ["codecs", "deep", "deep.beside", "deep.er", "deep.still", "encodings", "encodings.aliases", "encodings.utf_8", "helper", "io"]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name, text in LIBRARY.items():
        place = tmp_path / "Lib" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return tmp_path / "Lib"


def names(library: Path, *texts: str) -> list[str]:
    sources = []
    for number, text in enumerate(texts):
        sources.append(library.with_name(f"source{number}.py"))
        sources[-1].write_text(text, encoding="utf-8")
    return [module.name for module in library_modules(library, sources)]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("", []),
        ("import posix, omnirelay.thing\nfrom __future__ import annotations", []),
        ("def f():\n    import wanted", ["wanted"]),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import typed\nelse:\n    import wanted\n", ["wanted"]),
        ("x = y.encode('UTF8')", []),
        ("x = y.decode('Short')", ["encodings.long_one", "encodings.puny_code"]),
        ("x = y.encode('no such codec')\nx = y.encode('')\nx = y.encode(z)", []),
    ],
)
def test_what_is_needed_is_found_and_no_more(library: Path, text: str, more: list[str]) -> None:
    assert names(library, text) == sorted(START + more)


def test_packages_are_told_from_modules(library: Path) -> None:
    found = {module.name: module for module in library_modules(library, [])}
    assert found["deep"] == LibraryModule("deep", library / "deep" / "__init__.py", is_package=True)
    assert not found["deep.er"].is_package


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("helper.py", "def (:", r"helper\.py, line 1: this Python cannot read it: .*; publish with a newer Python"),
        ("encodings/aliases.py", "names = {}", "aliases.py: has no list of codecs"),
        ("helper.py", "\n".join(f"import module{number}" for number in range(stdlib._MAXIMUM)), r"would need more than \d+ modules"),
    ],
)
def test_a_library_that_is_not_as_expected_is_an_error(library: Path, name: str, text: str, message: str) -> None:
    (library / name).write_text(text, encoding="utf-8")
    for number in range(stdlib._MAXIMUM):
        (library / f"module{number}.py").write_text("", encoding="utf-8")
    with pytest.raises(PublishError, match=message):
        library_modules(library, [])


def test_the_table_names_each_module_and_its_bytecode(library: Path) -> None:
    text = library_table([module for module in library_modules(library, []) if module.name.startswith("deep")][:2])
    assert '#define _Py_M__deep_beside omnirelay_Py_M__deep_beside\n#include "frozen.deep.beside.h"\n' in text
    assert '    {"deep", _Py_M__deep, (int)sizeof _Py_M__deep, 1},\n    {"deep.beside", _Py_M__deep_beside, (int)sizeof _Py_M__deep_beside, 0},\n' in text
