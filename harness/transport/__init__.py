"""How an artifact is started: what has to stand before its arguments on this host."""
