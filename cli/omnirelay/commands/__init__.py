"""One module per verb; `run(session, **values)` does the work and returns the exit code."""
