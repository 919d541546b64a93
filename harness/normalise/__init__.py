"""What a program printed, without what differs from run to run for reasons that are not the program's.

Only the actual output passes through here; what a scenario expects is literal. The pipeline is ordered and idempotent, and a text in which no
filter finds its own needle comes out unchanged.
"""
