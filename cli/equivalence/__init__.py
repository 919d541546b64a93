"""Proof that the three parsers of a command line are one: the Typer twin, the generated Python parser and the C front of the native program.

An argument vector with its surroundings goes through all three; what can be seen of each must be the same. The vectors come from a
recorded corpus (`corpus`), from chance (`fuzz`), and from a coverage-guided fuzzer of the C front (`sanitized`).
"""
