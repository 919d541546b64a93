"""The one layout of scenario files: read without losing a comment, ordered, written."""
