"""Replay capsules: one file that holds everything a cell met, and a way to run it again on another artifact without the servers it talked to."""
