"""Every diagnostic code: what it means, how one comes to it, and the way out. A code is never used for anything else later."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from harness.load.code_examples import EXAMPLES


@dataclass(frozen=True, slots=True)
class Code:
    """One code. The first two characters say where: H1 and H2 a scenario, H3 the ledger, H4 a golden, H5 a server while a cell runs."""

    code: str
    title: str
    cause: str
    fix: str
    since: str = "0.1.0"


_ALL: Final = (
    Code("H1001", "The file cannot be read", "It is missing, a folder, or not readable for this user.", "Check the path and its permissions."),
    Code("H1002", "The file is too large", "A scenario file is limited to 1 MiB.", "Move expected output into a snapshot and server data into a JSON file."),
    Code("H1003", "The file is not UTF-8", "TOML files are UTF-8; an editor saved it in another encoding.", "Save it as UTF-8, without a byte order mark."),
    Code(
        "H1004",
        "The file is not TOML",
        "The text breaks the grammar of TOML 1.0 at the place shown.",
        "Correct the syntax; texts stand in quotes, tables in brackets.",
    ),
    Code("H1005", "Nested too deeply", "Brackets or dotted keys are nested beyond the limit of 16.", "Flatten the value, or move it into a JSON file."),
    Code(
        "H1006",
        "TOML 1.1",
        "Newer interpreters read this construct, older supported ones refuse it.",
        "Write it the TOML 1.0 way: inline tables on one line, times with seconds.",
    ),
    Code("H1007", "Not below a tier", "The first folder of a scenario is its tier.", "Move it into unit/, integration/, feature/ or hyperscale/."),
    Code(
        "H1008",
        "The path cannot be an id",
        "The id of a scenario is its path, and goldens are stored under it.",
        "Use letters, digits, '-', '_' and '.' in file and folder names.",
    ),
    Code(
        "H1009",
        "Unknown format",
        "The file was written for another version of the format.",
        "Write format = 1, or use the version of the suite that knows the format.",
    ),
    Code(
        "H1010",
        "A folder that contains itself",
        "A link in the scenario tree leads to a folder above it, so that following it never comes to an end.",
        "Remove the link; what several scenarios use lies in _lib/.",
    ),
    Code("H2101", "A key is missing", "The table cannot be understood without this key.", "Add it."),
    Code(
        "H2102",
        "Wrong type",
        "The value is of another type than the key takes; nothing is converted.",
        "Write the type that the message names; texts stand in quotes.",
    ),
    Code("H2103", "Wrong value", "The type is right, the value is not one that the key takes.", "Choose one that the message names."),
    Code("H2104", "Not a duration", "A duration is a text of a number and one of ms, s, m, h.", 'Write it like "500ms" or "10s".'),
    Code(
        "H2105",
        "Planned",
        "The key belongs to the format, and this version does not support it yet.",
        "Leave it out, or use a version of the suite that has it.",
    ),
    Code(
        "H2106",
        "A key at the wrong place",
        "TOML puts a key into the table whose heading stands above it.",
        "Move the keys of the scenario above the first heading.",
    ),
    Code(
        "H2107",
        "Unknown key",
        "The table has no such key; it is refused because an ignored word would be an ignored wish.",
        "Use the key that the message names.",
    ),
    Code("H2108", "Empty", "An empty value asserts or says nothing.", "Give it content, or leave the key out."),
    Code("H2109", "Not a name", "Names become parts of paths and placeholders.", "Letters, digits, '-', '_' and, in ids, '.'."),
    Code("H2110", "The same id twice", "Ids of cases and steps name results, goldens and ledger entries.", "Rename one of the two."),
    Code("H2111", "Not a JSON value", "The value ends up in JSON, which has no dates, times, infinities.", "Write it as a text in quotes."),
    Code(
        "H2112",
        "Said elsewhere",
        "What the word asks for is done without it: artifacts take turns wherever they are timed.",
        "Leave the word out; to have a step timed, give it a budget.",
    ),
    Code("H2201", "A broken placeholder", "A ${ that does not read as ${name} or ${*name}.", "Close it, or write $$ for a dollar sign."),
    Code(
        "H2202",
        "A list at the wrong place",
        "${*name} puts the items of a list of texts in place, as arguments of their own.",
        "Use it alone in an item of run, for a column that is a list of texts.",
    ),
    Code(
        "H2203",
        "Not defined here",
        "The placeholder names nothing that is known at this step.",
        "Use a name that the message lists; captures exist only after their step.",
    ),
    Code("H2204", "A name is taken", "Captures are written once, and may not be named like a server.", "Choose another name."),
    Code(
        "H2205", "No text", "The placeholder stands for a list or table, or the place takes none.", "Use ${*name} for arguments, or a column that holds texts."
    ),
    Code(
        "H2206",
        "Known too late",
        "The key is read when the file is loaded, and the call gives its parameter a value that only a running case has.",
        "Let the call give a plain value, or write it into the procedure.",
    ),
    Code("H2302", "A step without a verb", "Every step does exactly one thing.", "Add one of the verbs that the message lists."),
    Code("H2303", "Two verbs in a step", "Every step does exactly one thing.", "Make two steps of it."),
    Code(
        "H2304",
        "A key that the verb does not take",
        "Each verb takes certain keys, and the step has another.",
        "Leave it out, or move it to a step that takes it.",
    ),
    Code(
        "H2305",
        "Cases differ in their columns",
        "All cases have the same columns, so that a missing one is a mistake and never a default.",
        "Add the column everywhere, or take it out.",
    ),
    Code("H2306", "Too many", "A file is limited to 256 cases and 128 steps.", "Divide the file."),
    Code("H2307", "ignore beside other assertions", "A stream is either accounted for or not.", "Remove ignore, or the assertions."),
    Code("H2308", "Not exactly one", "The keys exclude each other, or one of them is needed.", "Keep exactly one of those that the message lists."),
    Code("H2309", "A server in the unit tier", "Unit scenarios use no server and no network.", "Move the file to integration/."),
    Code("H2310", "Unknown server", "The file has no [server.NAME] table of this name, or no server is of this kind.", "Add the table, or correct the name."),
    Code(
        "H2311",
        "A signature that matches everything",
        "retry is for failures of the platform that are known by their text; this pattern matches the empty text, so it would cover any failure.",
        "Write the words that only the known failure prints.",
    ),
    Code(
        "H2312",
        "No such step before this one",
        "A stream is compared with that of a step which has already run, and none has this id.",
        "Name the id of an earlier step of the same list.",
    ),
    Code(
        "H2313",
        "Not for a server that cases share",
        'per = "file" makes one world that all cases of the file only read. A case has no say in what that world holds, and its clock stands still.',
        'Write data, generate, clock and tls without placeholders, or leave out per = "file". Only faults and enums are each cell\'s own.',
    ),
    Code("H2320", "Unknown program", "No step before this one starts a program under this id.", "Name the id of a start step."),
    Code("H2321", "No program named", "A step that waits, signals or types is about a started program.", 'Write in = "the id of a start step".'),
    Code(
        "H2322",
        "Terminal or pipes",
        "A program on a terminal has a screen and no separate streams; one without has streams and no screen.",
        "Use screen with terminal, or stdout and stderr without.",
    ),
    Code(
        "H2323",
        "Judged too early",
        "The program goes on: of its output so far only what is in it can be said, and its end is judged where it is waited for.",
        'Use contains or matches here, and put the rest into a step with wait = "end".',
    ),
    Code(
        "H2324",
        "Not for this kind of repeat",
        "times repeats the same run; follow makes each round another one, by a capture of the step.",
        "Keep the keys of one of the two.",
    ),
    Code(
        "H2325",
        "A blank that nobody sees",
        "The lines of a screen are given without the blanks at their ends, because a terminal cannot tell them from nothing.",
        "Leave the blanks at the ends of lines out.",
    ),
    Code(
        "H2330",
        "Not to be timed on its own",
        "A step with a limit of time or memory is run again and again by conformance time, without the steps around it: "
        "it must not need what they bring, and must leave everything as it was.",
        "Take what it needs from servers, files and the case table, and put it before steps that change something; or leave the budget out.",
    ),
    Code(
        "H2331",
        "Limits that contradict each other",
        "A higher share of the runs takes no less time than a lower one: min, p50, p95, p99 and max only grow.",
        "Write limits that grow in this order for each kind.",
    ),
    Code(
        "H2332",
        "Not a limit",
        "Limits of a budget are texts with a unit: a duration or a multiple of a reference program, a size, or a growth in per cent.",
        'Write it like "20ms", "40 x hello", "64MiB" or "+5%".',
    ),
    Code(
        "H2401",
        "Not a regular expression",
        "The pattern does not compile, or lacks the group that a capture takes.",
        "Correct it; the language is that of Python's re.",
    ),
    Code("H2402", "Not a JSON path", "Paths have members, items and [*] only.", "Write it like $.peers[*].nodeId."),
    Code(
        "H2403",
        "A path that leaves its place",
        "Files of a scenario lie inside the sandbox, their sources beside the scenario.",
        "Use a relative path with / and without .. parts.",
    ),
    Code("H2404", "File not found", "The named file lies neither beside the scenario nor, for server data, in _lib/.", "Create it, or correct the name."),
    Code("H2405", "Server data is not JSON", "The file cannot be read as one JSON document.", "Correct it at the place shown."),
    Code("H2406", "The file is too large", "Server data and copied files are limited to 16 MiB.", "Use generate for large data."),
    Code(
        "H2407",
        "Not a JSON Schema",
        "The schema breaks its own meta-schema, or refers to something that is not in it; nothing is ever fetched.",
        "Correct it at the place that the message names, with references like #/definitions/peer.",
    ),
    Code(
        "H2501",
        "Files include each other",
        "An included file leads back to itself, by its name or through a link.",
        "Move what both files need into a third one.",
    ),
    Code(
        "H2502",
        "Unknown procedure",
        "Neither the file nor one that it includes has a procedure of this name.",
        'Include the file, and call "file.procedure"; a procedure of the same file is called by its name alone.',
    ),
    Code(
        "H2503",
        "A procedure that calls itself",
        "Calls are expanded when the file is loaded, so a procedure that leads back to itself would never end.",
        "Use until to wait for something, repeat to do something several times.",
    ),
    Code(
        "H2504",
        "Calls nested too deeply",
        "Calls within calls are limited to 8, so that a failure can be followed to its place.",
        "Call the inner procedures one after the other.",
    ),
    Code("H3001", "Not a day", "An entry of the ledger names its last day as a date of TOML.", "Write it without quotes and without a time, like 2026-12-01."),
    Code("H3002", "Entered twice", "Two entries of the ledger say the same about the same cells.", "Keep one of them."),
    Code("H4001", "A golden is not text", "The file below snapshots/ holds bytes that are not UTF-8.", "Remove it and record it again with --snapshot-update."),
    Code(
        "H4002",
        "A golden cannot be written",
        "The folder or the file is read-only, or the disk is full. The golden is as it was before: it is replaced as a whole or not at all.",
        "Make the folder writable and update again.",
    ),
    Code("H4003", "A golden cannot be read", "It is a folder, or not readable for this user.", "Check what lies at that path, and its permissions."),
    Code(
        "H5001",
        "A server died",
        "A server of the scenario ended while its steps ran, so nobody can say what the program would have done; the cell is a harness error.",
        "Run the cell again; when it happens again, start the server by itself with the same data and read what it prints.",
    ),
    Code(
        "H5002",
        "A shared server was changed",
        'A request changed what a server with per = "file" holds, by the server\'s own account. The cell fails; the world is made anew for the next one.',
        'Leave out per = "file" where a case is meant to change something; otherwise the program sends a request that it should not.',
    ),
)
CODES: Final = {item.code: item for item in _ALL}


def explain(code: str) -> str:
    """A page about one code; raises ``ValueError`` naming the nearest code when there is no such one."""
    known = CODES.get(code.upper())
    if known is None:
        near = difflib.get_close_matches(code.upper(), list(CODES), n=1, cutoff=0.5)
        raise ValueError(f'there is no code "{code}"' + (f'; did you mean "{near[0]}"?' if near else ""))
    example = "".join(f"    {line}".rstrip() + "\n" for line in EXAMPLES[known.code].splitlines())
    return f"{known.code}  {known.title}\n\n  cause    {known.cause}\n  way out  {known.fix}\n  since    {known.since}\n\n  example\n\n{example}"
