"""Facts about how this copy was made; publishing writes another file in its place for the compiled kinds.

An empty TARGET means: ask the machine (the interpreted kind runs wherever it is installed).
"""

KIND: str = "jit"
TARGET: str = ""
VERSION: str = "0.1.0"
BUILD_ID: str = "source"
