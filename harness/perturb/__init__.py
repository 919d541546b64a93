"""Changed circumstances: any scenario runs under them without being edited.

A perturbation changes what surrounds a program (its environment, its streams, the place it works in) and says what may legitimately differ then;
everything else must be as the scenario says. What a scenario fixes itself (an environment variable, its own input, a terminal) it keeps.
"""
