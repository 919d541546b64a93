"""What can be said about the values at a JSON path, one file each; ``registry`` names them."""
