"""Pending differences from goldens: written down by a run, grouped by what they have in common, accepted or rejected by a person.

Nothing here knows pytest or a terminal: a bundle is a value, the goldens are behind a small protocol, and ``harness.commands.review`` talks to people.
"""
