"""Assertion kinds of a stream, one file each; ``registry`` names them."""
