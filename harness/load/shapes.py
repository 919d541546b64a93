"""The tables of a scenario file, put together from the registries of verbs and assertion kinds."""

from __future__ import annotations

from typing import Final

from harness.compare.kinds.registry import KINDS
from harness.compare.kinds.registry import PLANNED as PLANNED_KINDS
from harness.load.limits import CASES, REPEATS, STEPS
from harness.load.shape import ANYTHING, NAME, SPAN, TEXT, TEXT_TABLE, TEXTS, Key, Schema, Shape
from harness.model.scenario import Level
from harness.servers.registry import KINDS as KINDS_OF_SERVERS
from harness.verbs.registry import PLANNED as PLANNED_VERBS
from harness.verbs.registry import VERBS

_PATHS: Final[Schema] = {"type": "array", "items": TEXT}
_EXIT_ITEM: Final[Schema] = {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 255}, {"type": "string", "pattern": r"^signal:[A-Z][A-Z0-9]+$"}]}
_EXIT: Final[Schema] = {
    "oneOf": [
        {"type": "integer", "minimum": 0, "maximum": 255},
        {"type": "string", "pattern": r"^(signal:[A-Z][A-Z0-9]+|\$\{case\.[^}]+\})$"},
        {"type": "array", "minItems": 1, "items": _EXIT_ITEM},
    ]
}

UNTIL: Final = Shape(
    "until",
    {
        "every": Key(SPAN, "the pause between two attempts", required=True),
        "within": Key(SPAN, "how long to go on trying", required=True),
    },
    aliases={"interval": "every", "timeout": "within", "for": "within"},
)
REPEAT: Final = Shape(
    "repeat",
    {"times": Key({"type": "integer", "minimum": 2, "maximum": REPEATS}, "how often; every run must come out the same", required=True)},
    planned=frozenset({"follow", "add", "max", "workers", "warmup", "interleave"}),
    aliases={"count": "times", "n": "times"},
)
CAPTURE: Final = Shape(
    "capture",
    {
        "json": Key(TEXT, "the JSON path of the value"),
        "matches": Key(TEXT, "a pattern; its first group is the value"),
        "stream": Key({"enum": ["stdout", "stderr"]}, "the stream to take it from, or the whole stream"),
        "exit": Key({"enum": [True]}, "the exit code is the value"),
        "optional": Key({"enum": [True]}, "the empty text stands for a value that is not there"),
    },
    aliases={"pattern": "matches", "regex": "matches", "path": "json"},
)
STREAM: Final = Shape(
    "a stream",
    {**{kind.name: kind.key for kind in KINDS}, "ignore": Key(TEXT, "the reason for not looking at this stream")},
    planned=PLANNED_KINDS,
    aliases={"equal": "equals", "is": "equals", "contain": "contains", "includes": "contains", "match": "matches", "regex": "matches", "golden": "snapshot"},
)
FILES: Final = Shape(
    "files",
    {
        "created": Key(_PATHS, "exactly these files appear"),
        "modified": Key(_PATHS, "exactly these files change their content"),
        "deleted": Key(_PATHS, "exactly these files disappear"),
        "changed": Key(_PATHS, "exactly these files appear, change or disappear"),
    },
)

_CAPTURES: Final[Schema] = {"type": "object", "additionalProperties": CAPTURE.schema()}
GENERAL_STEP_KEYS: Final = {
    "id": Key(NAME, "the name of the step in results, goldens and messages"),
    "timeout": Key(SPAN, "the time limit of each attempt"),
    "until": Key(UNTIL.schema(), "repeat the step until it holds"),
}
PROCESS_STEP_KEYS: Final = {
    "repeat": Key(REPEAT.schema(), "run it several times, one after the other"),
    "env": Key(TEXT_TABLE, "variables on top of the scenario's"),
    "stdin": Key(TEXT, "what the program reads; nothing when absent"),
    "exit": Key(_EXIT, "the exit code that is right, a list of them, or signal:TERM; 0 when absent"),
    "stdout": Key(STREAM.schema(), "what must hold of standard output; it must be empty when absent"),
    "stderr": Key(STREAM.schema(), "what must hold of standard error; it must be empty when absent"),
    "files": Key(FILES.schema(), "which files of the sandbox the step changes"),
    "capture": Key(_CAPTURES, "values for later steps, by name"),
}
_PLANNED_STEP: Final = frozenset({"in", "cwd", "needs", "retry", "network", "gather", "gather-check", "budget", "report", "screen", "record"})

SERVER: Final = Shape(
    "a server",
    {
        "use": Key({"enum": list(KINDS_OF_SERVERS)}, "the kind of server", required=True),
        "data": Key({"oneOf": [TEXT, {"type": "object"}]}, "its data: a JSON file beside the scenario or in _lib/, or a table"),
        "generate": Key({"oneOf": [{"type": "object"}, TEXT]}, "made-up data by kind, count and seed"),
        "clock": Key(TEXT, "the instant at which its clock stands still, or live"),
        "faults": Key({"oneOf": [{"type": "array"}, TEXT]}, "how it misbehaves, and at which request"),
        "enums": Key(TEXT, "how it writes enums: names or numbers"),
    },
    planned=frozenset({"tls", "per"}),
    aliases={"kind": "use", "type": "use", "fault": "faults", "time": "clock"},
    outer=frozenset({"title", "why", "covers", "level", "tags", "needs", "timeout", "env", "files", "cwd", "format"}),
)
STEP: Final = Shape(
    "[[step]]",
    {**GENERAL_STEP_KEYS, **{verb.name: verb.key for verb in VERBS}, **PROCESS_STEP_KEYS},
    planned=PLANNED_VERBS | _PLANNED_STEP,
    aliases={
        "args": "run",
        "argv": "run",
        "cmd": "run",
        "command": "run",
        "exec": "run",
        "name": "id",
        "returncode": "exit",
        "status": "exit",
        "code": "exit",
        "out": "stdout",
        "output": "stdout",
        "err": "stderr",
        "input": "stdin",
        "request": "send",
        "expect": "received",
        "captures": "capture",
        "environment": "env",
    },
    outer=frozenset({"title", "why", "covers", "level", "tags", "format"}),
)
FILE_SOURCE: Final = Shape("a file", {"from": Key(TEXT, "a file beside the scenario", required=True)})
_CASE: Final[Schema] = {"type": "object", "required": ["id"], "properties": {"id": NAME}, "additionalProperties": ANYTHING}


def step_schema() -> Schema:
    """Exactly one verb; the keys of processes only beside a verb that runs one."""
    schema = dict(STEP.schema())
    alternatives = [
        {"required": [verb.name], **({} if verb.process else {"not": {"anyOf": [{"required": [key]} for key in PROCESS_STEP_KEYS]}})} for verb in VERBS
    ]
    return {**schema, "oneOf": alternatives}


SCENARIO: Final = Shape(
    "a scenario",
    {
        "format": Key({"enum": [1]}, "the version of the format", required=True),
        "title": Key(TEXT, "what holds, in one sentence", required=True),
        "why": Key(TEXT, "who would be hurt if it did not hold"),
        "covers": Key(TEXTS, "sections of the contract or ids of requirements"),
        "level": Key({"enum": [level.value for level in Level]}, "how binding it is; must when absent"),
        "tags": Key(TEXTS, "words to select by"),
        "needs": Key(TEXTS, "capabilities without which it is unsupported"),
        "timeout": Key(SPAN, "the time limit of each step; the tier's when absent"),
        "env": Key(TEXT_TABLE, "variables of every step; nothing is inherited"),
        "files": Key(
            {"type": "object", "additionalProperties": {"oneOf": [TEXT, FILE_SOURCE.schema()]}},
            'files that the sandbox starts with: their content, or { from = "a file beside the scenario" }',
        ),
        "cwd": Key(TEXT, "the folder of the sandbox in which steps run"),
        "server": Key({"type": "object", "additionalProperties": SERVER.schema()}, "servers by name"),
        "case": Key({"type": "array", "minItems": 1, "maxItems": CASES, "items": _CASE}, "rows that run the same steps, each with its own values"),
        "step": Key({"type": "array", "minItems": 1, "maxItems": STEPS, "items": step_schema()}, "what is done, in order", required=True),
        "finally": Key({"type": "array", "minItems": 1, "maxItems": STEPS, "items": step_schema()}, "what is done in any case at the end"),
    },
    planned=frozenset({"include", "procedure", "matrix", "record", "screen"}),
    aliases={"name": "title", "description": "why", "cases": "case", "steps": "step", "servers": "server", "version": "format", "requires": "needs"},
)
