"""The C front under AddressSanitizer and UndefinedBehaviorSanitizer: every vector of the corpus, and every answer is the recorded one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.equivalence import characters, corpus, parsers, sanitized

MISSING = sanitized.missing()
if MISSING and os.environ.get("CI") == "true":
    raise RuntimeError(f"the sanitizer tests cannot run: {MISSING}")
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not run: {MISSING}")


def test_the_corpus_is_clean_and_answered_as_recorded() -> None:
    records = corpus.load(parsers.CORPUS)
    found = sanitized.differences(records)
    assert not found, "\n".join(found[:20])


def test_a_byte_too_far_would_be_seen(tmp_path: Path) -> None:
    """The driver hands every block over with exactly its size: a reader that looks one byte behind the words is stopped."""
    shutil.copyfile(sanitized.DRIVERS / "replay.c", tmp_path / "replay.c")
    shutil.copyfile(sanitized.FRONT / "library.h", tmp_path / "library.h")
    (tmp_path / "careless.c").write_text(
        '#include "library.h"\n'
        "size_t front_look(const char *words, size_t length, const char *columns, int width, unsigned terminals, char *room, size_t size)\n"
        "{\n    (void)columns;\n    (void)room;\n    (void)size;\n    return 1 + (words[length] == 'x') + (size_t)width * 0 + terminals * 0;\n}\n",
        encoding="ascii",
    )
    command = ["clang", "-std=c11", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "replay.c", "careless.c", "-o", "replay"]
    subprocess.run(command, cwd=tmp_path, check=True)
    records = corpus.load(parsers.CORPUS)[:3]
    with pytest.raises(sanitized.SanitizerError, match="heap-buffer-overflow") as refused:
        list(sanitized.replay(tmp_path / "replay", [record.vector for record in records]))
    assert corpus.dump_vector(records[0].vector) in str(refused.value)


def test_the_character_tables_are_those_of_the_interpreter(tmp_path: Path) -> None:
    shutil.copyfile(sanitized.FRONT / "characters.h", tmp_path / "characters.h")
    (tmp_path / "characters.c").write_text(characters.source(), encoding="ascii")
    (tmp_path / "ask.c").write_text(
        '#include <stdio.h>\n#include "characters.h"\nint main(void)\n{\n    for (uint32_t code = 0; code <= 0x10ffff; code++) {\n'
        "        int bits = _PyUnicode_IsPrintable(code) | _PyUnicode_IsAlpha(code) << 1 | _PyUnicode_IsDecimalDigit(code) << 2\n"
        "            | _PyUnicode_IsDigit(code) << 3 | _PyUnicode_IsNumeric(code) << 4 | _PyUnicode_IsWhitespace(code) << 5;\n"
        "        putchar(bits);\n        putchar(_PyUnicode_ToDecimalDigit(code) + 1);\n    }\n    return 0;\n}\n",
        encoding="ascii",
    )
    subprocess.run(["clang", "-O0", "ask.c", "characters.c", "-o", "ask"], cwd=tmp_path, check=True)
    told = subprocess.run([tmp_path / "ask"], capture_output=True, check=True).stdout
    expected = bytearray()
    for code in range(0x110000):
        text = chr(code)
        facts = (text.isprintable(), text.isalpha(), text.isdecimal(), text.isdigit(), text.isnumeric(), text.isspace())
        expected += bytes((sum(fact << bit for bit, fact in enumerate(facts)), int(text) + 1 if facts[2] else 0))
    assert told == bytes(expected)
