"""The reference control plane: serves the routes of the contract exactly as ``openapi.yaml`` and ``domain.md`` state them."""
