"""``python -m harness.servers.control_plane``: the way the harness starts the control plane, without the cost of the full command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m harness.servers.control_plane", description="The reference control plane.")
    parser.add_argument("--port", type=int, default=8080, help="public port; 0 takes a free one")
    parser.add_argument("--admin-port", type=int, default=0, help="port for reset, requests and faults, on loopback only")
    parser.add_argument("--host", default="127.0.0.1", help="address of the public port")
    parser.add_argument("--data", type=Path, help="JSON file with peers, shards, upgrade state and introspection; seeds a new store")
    parser.add_argument("--faults", type=Path, help="JSON file with a list of faults")
    parser.add_argument("--clock", default="live", help='"live", or the moment at which the clock stands still')
    parser.add_argument("--store", type=Path, help="SQLite file that keeps the state; memory when absent")
    parser.add_argument("--enums", default="names", help='how drain states are sent: "names" or "numbers"')
    parser.add_argument("--tls", help='speak TLS on the public port: "true", or a table as JSON, such as {"certificate": "expired"}')
    parser.add_argument("--exit-with-stdin", action="store_true", help="stop at the end of standard input")
    given = parser.parse_args()
    from harness.servers.control_plane.options import serve  # after parsing: --help need not load a web server

    return serve(
        given.port,
        given.admin_port,
        given.data,
        given.clock,
        given.store,
        given.host,
        given.enums,
        given.faults,
        given.tls,
        exit_with_stdin=given.exit_with_stdin,
    )


if __name__ == "__main__":
    sys.exit(main())
