"""What a step can do: one file per verb, and the registry that names them all."""
