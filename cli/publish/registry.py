"""The packagers by kind."""

from __future__ import annotations

from cli.publish.kind_frozen import FrozenPackager
from cli.publish.kind_jit import JitPackager
from cli.publish.kind_native import NativePackager
from cli.publish.kind_reflective import ReflectivePackager
from cli.publish.packager import Packager

PACKAGERS: dict[str, Packager] = {
    packager.kind: packager
    for packager in (
        NativePackager(),
        FrozenPackager(),
        JitPackager(),
        ReflectivePackager(),
    )
}
