"""From a cell to its result: sandbox, servers, processes, the loop over steps. Judging is done by ``harness.compare``."""
