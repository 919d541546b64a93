"""From TOML files to frozen scenarios; every mistake becomes a diagnostic with file, line, column, cause and fix."""
