"""From steps of scenarios that limit time or memory to what a timing session runs: found in the tree, prepared and proven by the engine, never by the clock.

Reads in one direction: ``collect -> scene``. The session itself is ``harness.perf``, which knows nothing of scenarios.
"""
