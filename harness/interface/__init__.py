"""The interface of a command line program as a value, and what changed between two of them: breaking, added, or text only."""
