"""Default values that both the declaration and the command functions must agree on."""

URL = "http://127.0.0.1:8080"
INTROSPECT_URL = "http://127.0.0.1:8080/omnirelay/introspect"
TIMEOUT = "10s"
NAMES_TIMEOUT = "1s"
NAMES_MAX_AGE = "30s"
