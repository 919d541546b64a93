"""Host names beyond ASCII, in the form that resolvers and servers know: IDNA of RFC 3490, by the standard library's codec.

The newer IDNA of RFC 5891 would need tables of its own; it differs in a few letters (ß, ς, and two that are not printable).
"""

from __future__ import annotations

from omnirelay import stage


def ascii_form(host: str) -> str:
    """`bücher.example` → `xn--bcher-kva.example`; UnicodeError when a part is empty, too long, or holds what no name can hold."""
    stage.enter_full()
    return host.encode("idna").decode("ascii")
