"""The tables of a scenario file, put together from the registries of verbs and assertion kinds."""

from __future__ import annotations

from typing import Final

from harness.compare.gathered import CHECKS
from harness.compare.kinds.registry import KINDS
from harness.load.budgets import BUDGET_KEYS
from harness.load.limits import CASES, INCLUDES, REPEATS, RETRIES, STEPS, WORKERS
from harness.load.shape import ANYTHING, FLAG, NAME, SPAN, TERMINAL_SIZE, TEXT, TEXT_TABLE, TEXTS, WORD, Key, Schema, Shape
from harness.model.scenario import Level, Life
from harness.servers.registry import KINDS as KINDS_OF_SERVERS
from harness.servers.tls import CERTIFICATES, CLIENTS, VERSIONS
from harness.verbs.call import KEY as CALL_KEY
from harness.verbs.call import NAME as CALL
from harness.verbs.registry import VERBS

SCREEN_KINDS: Final = frozenset({"equals", "contains", "absent", "matches", "lines", "snapshot"})
"""What can be said of a screen: everything that is about text."""
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
    {
        "times": Key({"type": "integer", "minimum": 2, "maximum": REPEATS}, "how often; every run must come out the same"),
        "workers": Key({"type": "integer", "minimum": 2, "maximum": WORKERS}, "how many run at the same time, in the same sandbox"),
        "warmup": Key({"type": "integer", "minimum": 1, "maximum": REPEATS}, "runs before these that are not compared"),
        "follow": Key(TEXT, "a capture of this step: run again, with its new value, until it is empty"),
        "add": Key(TEXTS, "arguments of every round but the first; the capture may be used in them"),
        "max": Key({"type": "integer", "minimum": 2, "maximum": REPEATS}, "how many rounds there may be at most"),
    },
    elsewhere={"interleave": "artifacts take turns where they are timed, and always do: give the step a budget, or leave it out"},
    aliases={"count": "times", "n": "times", "parallel": "workers", "jobs": "workers", "while": "follow", "limit": "max"},
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
GATHER: Final = Shape(
    "gather",
    {
        "json": Key(TEXT, "the JSON path of the values"),
        "matches": Key(TEXT, "a pattern; the first group of each match is a value"),
        "stream": Key({"enum": ["stdout", "stderr"]}, "the stream to take them from"),
    },
    aliases={"pattern": "matches", "regex": "matches", "path": "json"},
)
GATHER_CHECK: Final = Shape(
    "a check of a gathered list",
    {"name": Key(TEXT, "which list of this step", required=True), **{item.name: item.key for item in CHECKS.values()}},
    aliases={"length": "count", "size": "count", "unique": "distinct", "in": "within", "oneof": "within"},
)
RETRY: Final = Shape(
    "retry",
    {
        "times": Key({"type": "integer", "minimum": 2, "maximum": RETRIES}, "how many runs at most", required=True),
        "matches": Key(TEXT, "the text by which the known failure of the platform is told from any other", required=True),
        "issue": Key(TEXT, "where the failure is followed up", required=True),
    },
    aliases={"count": "times", "pattern": "matches", "regex": "matches", "url": "issue"},
)
STREAM: Final = Shape(
    "a stream",
    {**{kind.name: kind.key for kind in KINDS}, "ignore": Key(TEXT, "the reason for not looking at this stream")},
    aliases={"equal": "equals", "is": "equals", "contain": "contains", "includes": "contains", "match": "matches", "regex": "matches", "golden": "snapshot"},
)
SCREEN: Final = Shape(
    "a screen",
    {**{kind.name: kind.key for kind in KINDS if kind.name in SCREEN_KINDS}, "ignore": Key(TEXT, "the reason for not looking at the screen")},
    aliases=STREAM.aliases,
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
    "needs": Key(TEXTS, "capabilities without which the scenario is unsupported"),
}
VERB_STEP_KEYS: Final = {
    "in": Key(NAME, "the id of the start step whose program this is about"),
    "until": Key(UNTIL.schema(), "repeat the step until it holds"),
    "retry": Key(RETRY.schema(), "run it again when it fails with a known text of the platform; the step is flaky then"),
    "repeat": Key(REPEAT.schema(), "run it several times"),
    "cwd": Key(TEXT, "the folder of the sandbox in which the program runs; the scenario's when absent"),
    "network": Key({"enum": ["none"]}, "the program is ended when it opens an internet socket"),
    "terminal": Key({"type": "string", "pattern": TERMINAL_SIZE}, "a terminal of this size, columns x rows, in place of pipes"),
    "env": Key(TEXT_TABLE, "variables on top of the scenario's"),
    "stdin": Key(TEXT, "what the program reads; nothing when absent"),
    "exit": Key(_EXIT, "the exit code that is right, a list of them, or signal:TERM; 0 when absent"),
    "stdout": Key(STREAM.schema(), "what must hold of standard output; it must be empty when absent"),
    "stderr": Key(STREAM.schema(), "what must hold of standard error; it must be empty when absent"),
    "screen": Key(SCREEN.schema(), "what the terminal must show; it must be empty when absent"),
    "files": Key(FILES.schema(), "which files of the sandbox the step changes"),
    "capture": Key(_CAPTURES, "values for later steps, by name"),
    "gather": Key({"type": "object", "additionalProperties": GATHER.schema()}, "lists of values over all runs of the step, by name"),
    "gather-check": Key({"type": "array", "minItems": 1, "items": GATHER_CHECK.schema()}, "what must hold of the gathered lists"),
    **BUDGET_KEYS,
}
_PLANNED_STEP: Final = frozenset({"record"})

_INSERTED: Final[Schema] = {"type": "string", "pattern": r"\$\{"}
"""A text that takes its value from the case table."""
TLS: Final = Shape(
    "tls",
    {
        "certificate": Key({"anyOf": [{"enum": list(CERTIFICATES)}, _INSERTED]}, "the certificate that the server shows; valid when absent"),
        "client": Key({"anyOf": [{"enum": list(CLIENTS)}, _INSERTED]}, "whether clients must show one of the same authority; none when absent"),
        "version": Key({"anyOf": [{"enum": list(VERSIONS)}, _INSERTED]}, "the only version of TLS that it speaks; 1.2 and 1.3 when absent"),
    },
    aliases={"cert": "certificate", "mtls": "client"},
)
SERVER: Final = Shape(
    "a server",
    {
        "use": Key({"enum": list(KINDS_OF_SERVERS)}, "the kind of server", required=True),
        "data": Key({"oneOf": [TEXT, {"type": "object"}]}, "its data: a JSON file beside the scenario or in _lib/, or a table"),
        "generate": Key({"oneOf": [{"type": "object"}, TEXT]}, "made-up data by kind, count and seed"),
        "clock": Key(TEXT, "the instant at which its clock stands still, or live"),
        "faults": Key({"oneOf": [{"type": "array"}, TEXT]}, "how it misbehaves, and at which request"),
        "enums": Key(TEXT, "how it writes enums: names or numbers"),
        "tls": Key({"oneOf": [FLAG, TLS.schema()]}, "it speaks TLS: true, or a table that says how"),
        "per": Key({"enum": [life.value for life in Life]}, "whose it is: every case has a world of its own, or all cases of the file read the same one"),
    },
    aliases={"kind": "use", "type": "use", "fault": "faults", "time": "clock"},
    outer=frozenset({"title", "why", "covers", "level", "tags", "needs", "timeout", "env", "files", "cwd", "format"}),
)
STEP: Final = Shape(
    "[[step]]",
    {**GENERAL_STEP_KEYS, **{verb.name: verb.key for verb in VERBS}, CALL: CALL_KEY, **VERB_STEP_KEYS},
    planned=_PLANNED_STEP,
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
        "budgets": "budget",
        "limits": "budget",
    },
    outer=frozenset({"title", "why", "covers", "level", "tags", "include", "format"}),
)
FILE_SOURCE: Final = Shape("a file", {"from": Key(TEXT, "a file beside the scenario", required=True)})
_CASE: Final[Schema] = {"type": "object", "required": ["id"], "properties": {"id": NAME}, "additionalProperties": ANYTHING}


def step_schema() -> Schema:
    """Exactly one verb, and no key that it does not take."""
    schema = dict(STEP.schema())
    alternatives = [{"required": [verb.name], "not": {"anyOf": [{"required": [key]} for key in VERB_STEP_KEYS if key not in verb.takes]}} for verb in VERBS]
    alternatives.append({"required": [CALL], "not": {"anyOf": [{"required": [key]} for key in STEP.keys if key not in ("id", CALL)]}})
    return {**schema, "oneOf": alternatives}


_NAMES: Final[Schema] = {"type": "array", "items": {"type": "string", "pattern": WORD}}
PROCEDURE: Final = Shape(
    "a procedure",
    {
        "why": Key(TEXT, "what it is good for"),
        "params": Key(_NAMES, "what every call has to give; any other key is a parameter too, and its value the default"),
        "step": Key({"type": "array", "minItems": 1, "maxItems": STEPS, "items": step_schema()}, "what is done, in order", required=True),
    },
)
_FLOW: Final = {
    "include": Key(
        {"type": "array", "minItems": 1, "maxItems": INCLUDES, "items": TEXT}, "files of _lib/ whose procedures can be called, without their suffix"
    ),
    "procedure": Key(
        {"type": "object", "additionalProperties": {**PROCEDURE.schema(), "additionalProperties": ANYTHING}},
        "steps with parameters, by name; called like a verb",
    ),
}
LIBRARY: Final = Shape(
    "an included file",
    {
        "format": Key({"enum": [1]}, "the version of the format", required=True),
        "title": Key(TEXT, "what its procedures have in common"),
        "why": Key(TEXT, "what it is good for"),
        **_FLOW,
    },
    aliases={"procedures": "procedure", "version": "format", "includes": "include"},
)


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
        **_FLOW,
        "case": Key({"type": "array", "minItems": 1, "maxItems": CASES, "items": _CASE}, "rows that run the same steps, each with its own values"),
        "step": Key({"type": "array", "minItems": 1, "maxItems": STEPS, "items": step_schema()}, "what is done, in order", required=True),
        "finally": Key({"type": "array", "minItems": 1, "maxItems": STEPS, "items": step_schema()}, "what is done in any case at the end"),
    },
    planned=frozenset({"matrix", "record"}),
    aliases={
        "name": "title",
        "description": "why",
        "cases": "case",
        "steps": "step",
        "servers": "server",
        "version": "format",
        "requires": "needs",
        "includes": "include",
        "procedures": "procedure",
    },
)
