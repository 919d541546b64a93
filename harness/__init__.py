"""The scenario engine: one suite, every artifact, one verdict per cell.

Reads in one direction: ``model -> load -> execute -> normalise -> compare -> verdict -> report``. Nothing in here but ``harness.plugin``
knows pytest, and nothing at all knows the program under test.
"""
