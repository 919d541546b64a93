"""Which part of a program's surface no scenario exercises: commands, options, allowed values, exit codes and error texts.

The surface is data that the program brings along (``omnirelay.json`` and ``error-texts.json``), so that any program can be looked at. What was exercised
is read from what a run really did, or, where there was none, from what the scenario files say they would do.
"""
