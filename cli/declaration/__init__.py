"""The declaration: the one place where verbs and options are written, as a Typer application."""
