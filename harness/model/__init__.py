"""Frozen values that pass between the stages of the engine. Nothing in here reads, writes, starts or decides anything."""
