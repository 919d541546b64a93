"""Timing, memory and budgets of artifacts: paired, interleaved, with intervals, and never inside a functional run.

Reads in one direction: ``configuration -> plan -> sample -> stats -> budgets -> record``. ``session`` ties them together.
"""
