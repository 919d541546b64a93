"""From an observation to findings: text, JSON, files, goldens, and what several artifacts have in common."""
