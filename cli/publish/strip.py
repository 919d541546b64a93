"""Takes out of a linked program what only debuggers read, and lists its symbols first."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from cli.publish.errors import PublishError

# Two places in the header of a 64-bit ELF file: where the section headers are; their size and number, and which one holds their names.
_SECTIONS_AT = (0x28, struct.Struct("<Q"))
_SECTIONS_ARE = (0x3A, struct.Struct("<HHH"))
_SHOWN = ("STT_FUNC", "STT_OBJECT")


def symbol_list(program: Path) -> str:
    """`address name`, one line for each function and object, sorted by address."""
    with _elf(program) as elf:
        table = elf.get_section_by_name(".symtab")
        if not isinstance(table, SymbolTableSection):
            raise PublishError(f"{program.name}: has no symbols to list")
        found = {(symbol["st_value"], symbol.name) for symbol in table.iter_symbols() if symbol["st_info"]["type"] in _SHOWN and symbol["st_value"]}
    return "".join(f"{address:x} {name}\n" for address, name in sorted(found))


def strip(whole: Path, program: Path) -> None:
    """Writes `program`: all of `whole` that is loaded, which comes first in the file, and no sections."""
    content = bytearray(whole.read_bytes())
    with _elf(whole) as elf:
        if elf.elfclass != 64 or not elf.little_endian:
            raise PublishError(f"{whole.name}: is not a little-endian 64-bit ELF file")
        end = max((segment["p_offset"] + segment["p_filesz"] for segment in elf.iter_segments()), default=0)
        headers = elf.header["e_phoff"] + elf.header["e_phnum"] * elf.header["e_phentsize"]
    if end < headers or end > len(content):
        raise PublishError(f"{whole.name}: its segments do not lie in the file as they should")
    place, form = _SECTIONS_AT
    form.pack_into(content, place, 0)
    place, form = _SECTIONS_ARE
    form.pack_into(content, place, 0, 0, 0)
    program.write_bytes(content[:end])
    program.chmod(0o755)


@contextmanager
def _elf(program: Path) -> Iterator[ELFFile]:
    try:
        with program.open("rb") as file:
            yield ELFFile(file)
    except ELFError as error:
        raise PublishError(f"{program.name}: is not a whole ELF file: {error}") from None
