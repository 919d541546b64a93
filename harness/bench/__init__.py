"""How fast the engine is and how much memory it takes: whole commands, as a user types them, beside two other runners of command-line tests.

``conformance bench-engine`` (``make bench-engine``) generates trees of trivial cells, runs the commands in turn and in random order block by block,
counts in each output that every case was really run, and writes ``bench-engine.md`` and ``bench-engine.json`` beside the release report.
"""
