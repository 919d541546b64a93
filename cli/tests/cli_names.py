"""What the tests of dynamic completion share: a mesh with friendly and hostile names, and programs that answer in it."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Any

CLI = Path(__file__).parents[1]
CLOCK = "2025-01-02T03:04:05Z"
FRIENDLY = ["10.0.0.1:8080", "node-a", "node-b", "north/1", "zone-1@eu"]
HOSTILE = [
    "node-$(touch ran)", "node-`touch ran`", "node-;touch ran;", "node-|touch ran", "node-&touch ran", "node-\ntouch ran", "node->ran", "node-<(touch ran)",
    "node-'touch ran", 'node-"touch ran', "node-\\", "node-${IFS}ran", "node-*", "node-?", "node-[a]", "node-{a,b}", "node-!touch", "node-#", "node-\t",
    "node- ran", "node-\x1b[2Jran", "node-\u202eran", "node-\u201ctouch\u201d", "-node", "--help", "~/node", "~node", "=node", "@node", "%node", "$(touch ran)",
    "`touch ran`", "(touch ran)", "'", '"', "\n", " ", "#node",
    "node=~", "node==ls",
]  # fmt: skip


def mesh(peers: list[str], shards: list[tuple[str, str]]) -> dict[str, Any]:
    """Data of a control plane with these peers, and shards given as namespace and name."""
    described = [{"nodeId": name, "status": "Alive", "lastSeen": CLOCK, "metadata": {"nodeId": name}} for name in peers]
    records = [{"namespace": space, "shardId": name, "ownerNodeId": peers[0]} for space, name in shards]
    return {"localNodeId": peers[0], "peers": described, "shards": records}


def interpreted(folder: Path, name: str = "omnirelay") -> Path:
    """The program as an executable file that runs the package of this checkout."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!{sys.executable} -IS\nimport sys\nsys.path.insert(0, {str(CLI)!r})\nfrom omnirelay.__main__ import main\nmain()\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
