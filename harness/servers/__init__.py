"""Servers that scenarios talk to: each is a real process with a public port for the program under test and an admin port for the engine.

``registry`` names the kinds, ``client`` starts and steers one process, ``pool`` keeps warm ones. What every server shares stands beside
them: strict readers (``shapes``), the clock, the recorder, the faults, and the access to the connection itself (``wire``).
"""
