"""Enums of the wire: the original sends their numbers, its test stubs their names, and a control plane can be told to do either (D10)."""

from __future__ import annotations

from enum import Enum, IntEnum


class WireEnum(IntEnum):
    """An enum whose numbers are those of the wire and whose names become its words."""

    @property
    def word(self) -> str:
        return self.name.capitalize()


class EnumForm(Enum):
    """How such enums are sent."""

    NAMES = "names"
    NUMBERS = "numbers"

    def of(self, value: WireEnum) -> str | int:
        return value.word if self is EnumForm.NAMES else int(value)
