"""``[server.NAME]``: which servers a scenario talks to. What a setting means is known to the server alone; here only its place is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.compare.jsontext import parse_json
from harness.load.names import RESERVED, Names
from harness.load.node import Node, nearest
from harness.load.places import bind_source
from harness.load.shape import WORD
from harness.load.shapes import SERVER, TLS
from harness.model.scenario import Life, ServerSpec, Tier
from harness.model.template import Template, inserts
from harness.servers.registry import KINDS
from harness.servers.tls import CHOICES

ONE_FOR_ALL: Final = ("data", "generate", "clock", "tls")
"""Settings of a server that are the same for every case which shares it; the others are settings of the cell."""


def server_names(node: Node | None) -> frozenset[str]:
    """The names that other tables may use, also those of servers with mistakes in them."""
    names = node.value if node is not None and isinstance(node.value, dict) else {}
    return frozenset(name for name in names if re.match(WORD, name) and name not in RESERVED)


def secure_names(node: Node | None) -> frozenset[str]:
    """Those of them that speak TLS, whatever the key says."""
    names = node.value if node is not None and isinstance(node.value, dict) else {}
    return frozenset(name for name in server_names(node) if isinstance(names[name], dict) and "tls" in names[name])


def bind_servers(node: Node | None, names: Names, tier: Tier | None, folders: Sequence[Path]) -> tuple[ServerSpec, ...]:
    tables = node.free_table() if node is not None else None
    servers: list[ServerSpec] = []
    for name, item in (tables or {}).items():
        if tier is Tier.UNIT:
            item.report("H2309", f'a unit scenario has no server; "{name}" is one', "move the file to integration/", at_key=True)
        if name in RESERVED:
            item.report("H2204", f'"{name}" cannot be the name of a server', "it has a meaning in placeholders", at_key=True)
        keys = item.table(SERVER, f"[server.{name}]")
        if item.word() is None or keys is None or "use" not in keys:
            continue
        use = _bind_kind(keys.pop("use"))
        life = keys.pop("per").choice([item.value for item in Life]) if "per" in keys else None
        if "data" in keys and "generate" in keys:
            keys["generate"].report("H2308", "a server has either data or generate", "leave one out", at_key=True)
        settings = {key: _bind_setting(key, value, names, folders) for key, value in keys.items()}
        if life == Life.FILE.value:
            _check_shared(item, keys, settings)
        if use is not None:
            servers.append(ServerSpec(name, use, settings, item.position, Life(life or Life.CASE.value)))
    return tuple(servers)


def _bind_setting(key: str, node: Node, names: Names, folders: Sequence[Path]) -> object:
    if key == "data":
        return _bind_data(node, names, folders)
    return _bind_tls(node, names) if key == "tls" else node.value_tree(names)


def _bind_tls(node: Node, names: Names) -> object:
    """``true`` or a table; whether a server speaks TLS at all is known when the file is loaded, how it does may come from the case table."""
    if not isinstance(node.value, dict):
        return node.true()
    keys = node.table(TLS)
    return {key: _bind_word(item, CHOICES[key], names) for key, item in (keys or {}).items()}


def _bind_word(node: Node, choices: Sequence[str], names: Names) -> object:
    if not isinstance(node.value, str) or "$" not in node.value:
        return node.choice(choices)
    template = node.value_tree(names)
    values = names.values_of(template) if isinstance(template, Template) else ()
    if wrong := [value for value in values if value not in choices]:
        node.report("H2103", f'"{node.key}" is "{wrong[0]}" in one of the cases', f"it is one of {', '.join(choices)}")
    return template


def _bind_kind(node: Node) -> str | None:
    text = node.text()
    if text is None or text in KINDS:
        return text
    meant = nearest(text, list(KINDS))
    node.report("H2310", f'no kind of server is called "{text[:60]}"', f'did you mean "{meant}"?' if meant else f"there is {', '.join(KINDS)}")
    return None


def _check_shared(table: Node, keys: Mapping[str, Node], settings: Mapping[str, object]) -> None:
    """What all cases look at is made once, so no case can have a say in it; and time that passes between two cases would change it."""
    for key in ONE_FOR_ALL:
        if key in keys and inserts(settings[key]):
            keys[key].report(
                "H2313", f'"{key}" cannot come from a case: per = "file" makes one world for all of them', 'leave out per = "file", or write the value here'
            )
    if "clock" not in keys or settings["clock"] == "live":
        place = keys.get("clock", table)
        hint = 'add clock = "2025-01-02T03:04:05Z", or any other instant'
        place.report("H2313", 'a server with per = "file" needs a clock that stands still', hint, at_key="clock" not in keys)


def _bind_data(node: Node, names: Names, folders: Sequence[Path]) -> object:
    """The data as a value: of a file, of the table itself, or a column that holds a table in every case."""
    if not isinstance(node.value, str | dict):
        node.report("H2102", '"data" must be the name of a file or a table')
        return None
    if isinstance(node.value, dict):
        return node.value_tree(names)
    if "$" not in node.value:
        return _read_data(node, folders)
    template = node.value_tree(names)
    if isinstance(template, Template):
        values = names.values_of(template)
        if values and all(isinstance(value, dict) for value in values):
            return template
        node.report("H2103", '"data" can only be a placeholder for tables', "a column that holds a table in every case, or the name of one file")
    return None


def _read_data(node: Node, folders: Sequence[Path]) -> object:
    path = bind_source(node, folders)
    if path is None:
        return None
    try:
        document = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        node.report("H2405", f"{path.name} cannot be read as JSON: {error}")
        return None
    if not isinstance(document, dict):
        node.report("H2405", f"{path.name} does not hold a JSON object")
        return None
    return document
