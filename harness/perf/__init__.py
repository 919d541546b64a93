"""Timing, memory and budgets of artifacts: paired, interleaved, with intervals, and never inside a functional run.

Reads in one direction: ``configuration -> plan -> sample -> stats -> budgets -> record``. ``session`` ties them together; ``steps`` and
``step_budgets`` do for marked steps of scenarios what it does for the timing file, through the protocols of ``marked``.
"""
