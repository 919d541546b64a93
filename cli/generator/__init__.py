"""From the declaration and openapi.yaml to what is shipped: parser tables, help pages, wire types."""
