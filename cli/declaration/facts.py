"""What is true of every verb and stands in no signature: exit codes, and the variables that are read."""

from __future__ import annotations

EXIT_CODES = (
    (0, "done"),
    (1, "it failed, or the command line was wrong; one line on standard error says why and what to do"),
    (2, "the time limit struck, and nothing else"),
    (130, "ended by Ctrl+C"),
    (143, "ended by SIGTERM"),
)
ENVIRONMENT = (
    ("COLUMNS", "The width that help texts are laid out for; that of the terminal where it is not set."),
    ("XDG_CACHE_HOME", "The folder in which names for completion are kept, below omnirelay; ~/.cache where it is not set."),
    ("OMNIRELAY_DEBUG", "With the value 1, a traceback follows the error line."),
)
GEARS = (
    ("front", "answered from tables, without an interpreter"),
    ("core", "runs in an interpreter without its standard library"),
    ("full", "needs the standard library"),
)
EXAMPLES = {
    "omnirelay mesh peers list": ("omnirelay mesh peers list --url http://10.0.0.5:8080 --format json",),
    "omnirelay mesh upgrade status": ("omnirelay mesh upgrade status --json",),
    "omnirelay mesh upgrade drain": ('omnirelay mesh upgrade drain --reason "kernel update" --timeout 5m --yes',),
    "omnirelay mesh upgrade resume": ("omnirelay mesh upgrade resume",),
    "omnirelay mesh shards list": (
        "omnirelay mesh shards list --namespace mesh.control --status Active --status Draining",
        "omnirelay mesh shards list --all --format json",
    ),
    "omnirelay mesh shards diff": ("omnirelay mesh shards diff --from-version 120 --to-version 160",),
    "omnirelay mesh shards simulate": ("omnirelay mesh shards simulate --namespace mesh.control --node node-a:1.0 --node node-b:2.5:eu:eu-1",),
    "omnirelay completion candidates peers": ("omnirelay completion candidates peers --prefix node-",),
    "omnirelay completion candidates namespaces": ("omnirelay completion candidates namespaces --max-age 0s",),
    "omnirelay completion candidates shards": ("omnirelay completion candidates shards --namespace mesh.control --timeout 5s",),
    "omnirelay introspect": ("omnirelay introspect --url http://127.0.0.1:8080/omnirelay/introspect --format json",),
    "omnirelay explain": ("omnirelay explain -- mesh peers list -u http://10.0.0.5:8080",),
}
"""Verb → command lines; a test reads each with the generated parser."""
