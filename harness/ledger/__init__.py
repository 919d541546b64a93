"""Known differences: which cell fails, in which step, with which text, why, who answers for it, and until when."""
