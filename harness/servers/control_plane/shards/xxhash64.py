"""XxHash64 with seed 0: the hash behind checksums of records and behind every placement strategy (domain 6.1, 6.5)."""

from __future__ import annotations

import struct
from typing import Final

_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF
_P1: Final = 0x9E37_79B1_85EB_CA87
_P2: Final = 0xC2B2_AE3D_27D4_EB4F
_P3: Final = 0x1656_67B1_9E37_79F9
_P4: Final = 0x85EB_CA77_C2B2_AE63
_P5: Final = 0x27D4_EB2F_1656_67C5
_STRIPE: Final = 32
_LANES: Final = struct.Struct("<4Q").unpack_from
_WORD: Final = struct.Struct("<Q").unpack_from
_HALF: Final = struct.Struct("<I").unpack_from


def xxhash64(data: bytes) -> int:
    """The hash of ``data`` as an unsigned number of 64 bits."""
    size = len(data)
    offset = 0
    if size >= _STRIPE:
        offset, state = _stripes(data, size)
    else:
        state = _P5
    state = (state + size) & _MASK
    while offset + 8 <= size:
        mixed = (_WORD(data, offset)[0] * _P2) & _MASK
        state ^= ((mixed << 31 | mixed >> 33) & _MASK) * _P1 & _MASK
        state = ((state << 27 | state >> 37) & _MASK) * _P1 + _P4 & _MASK
        offset += 8
    if offset + 4 <= size:
        state ^= _HALF(data, offset)[0] * _P1 & _MASK
        state = ((state << 23 | state >> 41) & _MASK) * _P2 + _P3 & _MASK
        offset += 4
    for byte in data[offset:]:
        state ^= byte * _P5 & _MASK
        state = ((state << 11 | state >> 53) & _MASK) * _P1 & _MASK
    state = (state ^ state >> 33) * _P2 & _MASK
    state = (state ^ state >> 29) * _P3 & _MASK
    return state ^ state >> 32


def _stripes(data: bytes, size: int) -> tuple[int, int]:
    """What the whole stripes of ``data`` come to, and where they end."""
    first, second, third, fourth = (_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK
    offset = 0
    while offset + _STRIPE <= size:
        a, b, c, d = _LANES(data, offset)
        first = (first + a * _P2) & _MASK
        first = (first << 31 | first >> 33) * _P1 & _MASK
        second = (second + b * _P2) & _MASK
        second = (second << 31 | second >> 33) * _P1 & _MASK
        third = (third + c * _P2) & _MASK
        third = (third << 31 | third >> 33) * _P1 & _MASK
        fourth = (fourth + d * _P2) & _MASK
        fourth = (fourth << 31 | fourth >> 33) * _P1 & _MASK
        offset += _STRIPE
    state = (
        (first << 1 | first >> 63) + (second << 7 | second >> 57) + (third << 12 | third >> 52) + (fourth << 18 | fourth >> 46)
    ) & _MASK  # the bits above 64 that the shifts leave fall off in the sum
    for lane in (first, second, third, fourth):
        mixed = lane * _P2 & _MASK
        state ^= ((mixed << 31 | mixed >> 33) & _MASK) * _P1 & _MASK
        state = (state * _P1 + _P4) & _MASK
    return offset, state
