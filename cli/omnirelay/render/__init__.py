"""Values to text: tables, indented JSON, help pages, and text that is safe on a terminal."""
