"""The platforms that artifacts are made for, and what each of them means to the tools."""

from __future__ import annotations

from dataclasses import dataclass

from cli.publish.errors import PublishError


@dataclass(frozen=True, slots=True)
class Target:
    """A platform: its name in artifact ids, its name for the compiler, and the kinds published for it today."""

    name: str
    triple: str
    executable: str
    kinds: tuple[str, ...]

    @property
    def windows(self) -> bool:
        """Whether programs for it are Windows programs."""
        return self.name.startswith("win-")


TARGETS = {
    target.name: target
    for target in (
        Target("linux-x64", "x86_64-linux-musl", "omnirelay", ("native", "frozen", "jit", "reflective")),
        Target("linux-arm64", "aarch64-linux-musl", "omnirelay", ()),
        Target("win-x64", "x86_64-windows-gnu", "omnirelay.exe", ()),
    )
}


def split_id(artifact: str, kinds: tuple[str, ...]) -> tuple[str, Target]:
    """The kind and the target that an artifact id names; an unknown or unpublished one is an error that lists what there is."""
    known = [f"{kind}-{target.name}" for target in TARGETS.values() for kind in target.kinds]
    kind, _, name = artifact.partition("-")
    target = TARGETS.get(name)
    if kind not in kinds or target is None:
        raise PublishError(f'there is no artifact "{artifact}"; published are {", ".join(known)}')
    if kind not in target.kinds:
        raise PublishError(f"{artifact} is not published yet; published are {', '.join(known)}")
    return kind, target
