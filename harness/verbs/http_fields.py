"""Fields that the verbs about HTTP share: server, method, path and headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness.load.names import Names
from harness.load.node import Node, nearest
from harness.load.shape import NAME, TEXT, TEXT_TABLE, Key
from harness.model.template import Template

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
SERVER: Final = Key(NAME, "the NAME of a [server.NAME] table", required=True)
METHOD: Final = Key({"enum": list(METHODS)}, "the HTTP method")
PATH: Final = Key(TEXT, "the path, with a query after ? when that matters")
HEADERS: Final = Key(TEXT_TABLE, "header names, in any case, and their whole values")
_FIELD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


def bind_server(node: Node, names: Names) -> str | None:
    text = node.text()
    if text is None or text in names.servers:
        return text
    known = sorted(names.servers)
    meant = nearest(text, known)
    hint = f'did you mean "{meant}"?' if meant else f"servers of this file: {', '.join(known)}" if known else f"add a [server.{text}] table"
    node.report("H2310", f'there is no server "{text}"', hint)
    return None


def bind_path(node: Node, names: Names) -> Template | None:
    template = node.template(names, empty=False)
    if template is not None and not template.source.startswith(("/", "$")):
        node.report("H2103", '"path" must begin with "/"', f'write "/{template.source}"')
        return None
    return template


def bind_headers(node: Node, names: Names) -> Mapping[str, Template] | None:
    bound: dict[str, Template] = {}
    items = node.free_table()
    for name, item in (items or {}).items():
        template = item.template(names)
        if not _FIELD.match(name):
            item.report("H2109", f'"{name}" cannot be the name of a header', at_key=True)
        elif template is not None:
            bound[name] = template
    return bound if items is not None and len(bound) == len(items) else None
