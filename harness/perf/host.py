"""Facts of the machine that timed: what a reader needs to judge the figures, and nothing that identifies the machine."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from harness.transport.registry import host_target


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The host class of a session and its load when it began."""

    target: str
    system: str
    kernel: str
    libc: str
    cpu: str
    cores: int
    usable_cores: int
    memory_mib: int
    virtual: bool
    load_before: float
    python: str


def machine() -> str:
    """The processor as toolchains spell it."""
    name = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)


def host_facts() -> HostFacts:
    """What this machine is."""
    information = _read("/proc/cpuinfo")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return HostFacts(
        target=host_target(),
        system=_system_name(),
        kernel=platform.release(),
        libc=" ".join(platform.libc_ver()).strip() or "unknown",
        cpu=_field(information, "model name") or platform.processor() or platform.machine(),
        cores=os.cpu_count() or 1,
        usable_cores=len(os.sched_getaffinity(0)),
        memory_mib=pages // 2**20,
        virtual="hypervisor" in _field(information, "flags").split(),
        load_before=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
    )


def _system_name() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _field(text: str, name: str) -> str:
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip() == name:
            return " ".join(value.split())
    return ""
