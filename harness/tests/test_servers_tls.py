"""A server that speaks TLS: right and wrong certificates, clients that must show one, faults through TLS, cells, and their replay."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from control_plane_support import connect, read_all
from execute_cells import Bench, open_bench
from hypothesis import given, settings
from hypothesis import strategies as st
from plugin_project import Project, project
from typer.testing import CliRunner

from harness.cli import app
from harness.load.errors import ScenarioError
from harness.load.scenarios import load_file
from harness.model.traffic import Ending, Exchange, Piece
from harness.model.verdict import Verdict
from harness.replay.server import ReplayServer
from harness.servers.asking import ask
from harness.servers.client import ServerGone, ServerProcess, ServerRefused
from harness.servers.pool import MOST_IDLE, ServerPool
from harness.servers.security import secured, told
from harness.servers.tls import CERTIFICATES, CHOICES, Tls, TlsError, parse_tls

pytest_plugins = ["pytester"]
__all__ = ["project"]

REQUEST = b"GET /control/peers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
Opened = Callable[..., ServerProcess]


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    """Servers by their settings, each started once."""
    servers: dict[Tls, ServerProcess] = {}

    def give(**settings: str) -> ServerProcess:
        tls = Tls(**settings)
        if tls not in servers:
            servers[tls] = ServerProcess.start("control-plane", tls=tls)
        servers[tls].reset()
        return servers[tls]

    yield give
    for server in servers.values():
        server.stop()


def client(server: ServerProcess | ReplayServer, *, shows: bool = False, folder: Path | None = None) -> ssl.SSLContext:
    """A client that trusts the authority of a server, as any program would."""
    context = ssl.create_default_context(cadata=server.trust["ca"].decode())
    if shows:
        assert folder is not None
        for part in ("client-cert", "client-key"):
            (folder / part).write_bytes(server.trust[part])
        context.load_cert_chain(folder / "client-cert", folder / "client-key")
    return context


def everything(server: ServerProcess | ReplayServer, context: ssl.SSLContext, *ends: type[OSError]) -> bytes:
    """The whole answer; an end without a word is an error of TLS here, unless it is one of those that are expected."""
    parts = []
    with connect(server.url) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False) as secure:
        secure.sendall(REQUEST)
        with contextlib.suppress(*ends):
            while part := secure.recv(65_536):
                parts.append(part)
    return b"".join(parts)


def test_a_client_that_trusts_the_authority_is_served(opened: Opened) -> None:
    server = opened()
    assert server.url.startswith("https://127.0.0.1:")
    assert everything(server, client(server)).startswith(b"HTTP/1.1 200 OK\r\n")
    assert server.send("GET", "/control/upgrade", None, {}).status == 200
    assert [request["path"] for request in server.requests()] == ["/control/peers", "/control/upgrade"]


WRONG = {
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
    "wrong-host": "not valid for '127.0.0.1'",
    "self-signed": "self-signed certificate",
    "incomplete-chain": "unable to get local issuer certificate",
}


def test_every_certificate_is_tried() -> None:
    assert set(CERTIFICATES) == {"valid", *WRONG}


@pytest.mark.parametrize(("certificate", "reason"), WRONG.items(), ids=list(WRONG))
def test_a_wrong_certificate_is_wrong_in_its_way_and_the_harness_can_still_ask(opened: Opened, certificate: str, reason: str) -> None:
    server = opened(certificate=certificate)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        everything(server, client(server))
    assert server.send("GET", "/healthz", None, {}).status == 200
    assert len(server.requests()) == 1


def test_a_client_without_a_certificate_is_told_that_it_needs_one(opened: Opened, tmp_path: Path) -> None:
    server = opened(client="required")
    with pytest.raises(ssl.SSLError, match=r"(?i)certificate.required"):
        everything(server, client(server))
    assert everything(server, client(server, shows=True, folder=tmp_path)).startswith(b"HTTP/1.1 200")
    assert opened(client="optional").send("GET", "/healthz", None, {}).status == 200


def test_a_certificate_of_another_authority_is_refused(opened: Opened, tmp_path: Path) -> None:
    server, other = opened(client="required"), opened()
    context = client(other, shows=True, folder=tmp_path)
    context.load_verify_locations(cadata=server.trust["ca"].decode())
    with pytest.raises(ssl.SSLError, match=r"(?i)unknown.ca"):
        everything(server, context)


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3"])
def test_a_server_speaks_the_one_version_that_it_is_told(opened: Opened, version: str) -> None:
    server = opened(version=version)
    assert server.send("GET", "/healthz", None, {}).status == 200
    context = client(server)
    if version == "1.1":
        with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
            everything(server, context)
        return
    with connect(server.url) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
        assert secure.version() == f"TLSv{version}"


FAULTS: list[tuple[dict[str, object], Ending]] = [
    ({"status": 503, "body": "{}"}, Ending.CLOSE),
    ({"truncate": 5}, Ending.CLOSE),
    ({"garbage": "not http"}, Ending.CLOSE),
    ({"chunked": 3, "body": "{}", "status": 200}, Ending.CLOSE),
    ({"close": True}, Ending.CLOSE),
    ({"reset": True}, Ending.RESET),
    ({"delay": "10ms"}, Ending.CLOSE),
]


@pytest.mark.parametrize(("fault", "ending"), FAULTS, ids=[next(iter(fault)) for fault, _ in FAULTS])
def test_faults_work_through_tls_and_what_is_recorded_lies_above_it(opened: Opened, fault: dict[str, object], ending: Ending) -> None:
    server = opened()
    server.reset(clock="2025-01-02T03:04:05Z", data={"peers": []}, faults=[{"on": "GET /control/peers", **fault}])
    seen = everything(server, client(server), *((ConnectionResetError, ssl.SSLEOFError) if ending is Ending.RESET else ()))
    (exchange,) = server.traffic()
    assert (exchange.method, exchange.target, exchange.ending) == ("GET", "/control/peers", ending)
    assert exchange.answer == seen


def test_a_reset_is_one_of_tcp_also_below_tls(opened: Opened) -> None:
    server = opened()
    server.reset(faults=[{"on": "GET /control/peers", "reset": True}])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = client(server).wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with connect(server.url) as plain:
        while True:
            try:
                secure.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65_536))
        secure.write(REQUEST)
        plain.sendall(outgoing.read())
        with pytest.raises(ConnectionResetError):
            while plain.recv(65_536):
                pass


def test_a_large_answer_comes_whole_to_a_client_that_reads_late(opened: Opened) -> None:
    server = opened()
    server.reset(generate={"kind": "peers", "count": 20_000, "seed": 1})
    with connect(server.url) as plain, client(server).wrap_socket(plain, server_hostname="127.0.0.1") as secure:
        secure.sendall(REQUEST)
        assert server.send("GET", "/healthz", None, {}).status == 200  # others are served meanwhile
        head, _, body = read_all(secure).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200") and len(json.loads(body)["peers"]) == 20_000


def test_what_is_no_tls_ends_the_connection_and_nothing_else(opened: Opened) -> None:
    server = opened()
    with connect(server.url) as plain:
        plain.sendall(REQUEST)
        while plain.recv(65_536):
            pass
    assert server.requests() == [] and everything(server, client(server)).startswith(b"HTTP/1.1 200")


def test_the_harness_talks_to_no_other_server_than_its_own(opened: Opened) -> None:
    server, other = opened(), opened(certificate="expired")
    certificate, _ = told({"tls": _ready(server)})
    with pytest.raises(ServerGone, match="another server listens at this address"):
        ask(other.url, "plane", "GET", "/healthz", None, {}, certificate)


def _ready(server: ServerProcess) -> dict[str, str]:
    return {"certificate": ssl.get_server_certificate(_address(server.url)), **{name: pem.decode() for name, pem in server.trust.items()}}


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("https://").partition(":")
    return host, int(port)


def test_a_pool_keeps_servers_apart_by_their_tls_and_only_so_many() -> None:
    pool = ServerPool()
    try:
        pids = []
        for settings in ({"tls": True}, {}, {"tls": {"certificate": "valid"}}, {"tls": {"client": "required"}}):
            with pool.lease("control-plane", settings) as server:
                pids.append(server.pid)
        assert pids[0] == pids[2] and len(set(pids)) == 3
        with contextlib.ExitStack() as leases:
            many = [leases.enter_context(pool.lease("control-plane", {})) for _ in range(MOST_IDLE + 1)]
        assert [server.alive() for server in many].count(False) == 1
        with pytest.raises(ServerRefused, match='did you mean "expired"'), pool.lease("control-plane", {"tls": {"certificate": "expird"}}):
            pass
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "is no JSON"),
        ("false", "expected true or a table, found false"),
        ('{"cert": "valid"}', 'unknown key "cert"'),
        ('{"client": 1}', "$.client: expected text, found a number"),
        ('{"version": "1.4"}', '"1.4" is none of 1.1, 1.2, 1.3'),
        ("[" * 900, "is no JSON"),
        (" " * 2000, "more than"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(TlsError) as caught:
        parse_tls(text)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@settings(deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.text() | st.integers(), lambda inner: st.dictionaries(st.sampled_from([*CHOICES, "x"]), inner), max_leaves=5)
)
def test_any_value_gives_settings_or_a_reason(value: object) -> None:
    with contextlib.suppress(TlsError):
        tls = parse_tls(json.dumps(value))
        assert parse_tls(tls.text()) == tls


def test_a_process_that_is_given_wrong_settings_says_so() -> None:
    command = [sys.executable, "-m", "harness.servers.control_plane", "--port", "0", "--tls", "maybe"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == 'error: --tls: is no JSON; give true, or a table such as {"certificate": "expired"}\n'


def test_making_certificates_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for version in ("", "1.1"):
            assert secured(Tls(version=version)).scheme == "https"


# Cells

PLANE = '[server.plane]\nuse = "control-plane"\ndata = { peers = [] }\nclock = "2025-01-02T03:04:05Z"\n'
GET = f"""\
#!{sys.executable} -IS
import http.client, ssl, sys, urllib.request
if sys.argv[1] == "--version":
    print("1.0.0")
    sys.exit()
context = ssl.create_default_context(cafile=sys.argv[2])
if len(sys.argv) > 3:
    context.load_cert_chain(sys.argv[3], sys.argv[4])
print(*sys.argv[1:])
try:
    print(urllib.request.urlopen(sys.argv[1] + "/control/peers", context=context).read().decode())
except (OSError, http.client.HTTPException) as error:
    print(error)
    sys.exit(1)
"""
"""Asks a server, trusting nobody but the authority in its second argument."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("cells")) as bench:
        yield bench


def test_a_cell_gives_the_files_to_its_program_and_nothing_counts_as_left_behind(bench: Bench) -> None:
    text = PLANE + (
        'tls = { client = "required" }\n'
        '[[step]]\nrun = ["${plane.ca}", "${plane.client-cert}", "${plane.client-key}", "${plane.url}"]\n'
        'stdout.equals = "<ca:plane> <client-cert:plane> <client-key:plane> <url:plane>\\n600 PRIVATE\\n"\n'
        '[[step]]\nrun = ["${plane.ca}", "${plane.ca}", "${plane.client-key}", "x"]\n'
        'stdout.equals = "${plane.ca} ${plane.ca} ${plane.client-key} x\\n600 PRIVATE\\n"\n'
    )
    program = bench.program('echo "$@"; stat -c "%a $(grep -o PRIVATE $3 | head -n 1)" $3')
    result = bench.one(text, program, tier="integration")
    assert result.verdict is Verdict.PASSED, result


def test_files_of_tls_are_known_only_where_a_server_speaks_it(tmp_path: Path) -> None:
    path = tmp_path / "integration" / "x.toml"
    path.parent.mkdir()
    path.write_text(f'format = 1\ntitle = "x"\n{PLANE}[[step]]\nid = "a"\nrun = ["${{plane.ca}}"]\n')
    with pytest.raises(ScenarioError) as caught:
        load_file(path, tmp_path)
    assert [item.code for item in caught.value.diagnostics] == ["H2203"]


@pytest.mark.parametrize("value", ['""', "false", "0"])
def test_an_empty_column_is_a_wrong_certificate_before_anything_runs(tmp_path: Path, value: str) -> None:
    path = tmp_path / "integration" / "x.toml"
    path.parent.mkdir()
    case = f'[[case]]\nid = "a"\nkind = {value}\n\n'
    path.write_text(f'format = 1\ntitle = "x"\n{PLANE}tls = {{ certificate = "${{case.kind}}" }}\n\n{case}[[step]]\nid = "a"\nrun = ["${{plane.ca}}"]\n')
    with pytest.raises(ScenarioError) as caught:
        load_file(path, tmp_path)
    assert [item.code for item in caught.value.diagnostics] == ["H2103"]


TALK = f"""\
format = 1
title = "It asks a server over TLS"

{PLANE}tls = {{ certificate = "${{case.certificate}}" }}
faults = [{{ on = "GET /control/peers", nth = 2, truncate = 5 }}, {{ on = "GET /control/peers", nth = 3, reset = true }}]

[[case]]
id = "good"
certificate = "valid"

[[case]]
id = "old"
certificate = "expired"

[[step]]
id = "own"
send = {{ server = "plane", method = "GET", path = "/healthz" }}

[[step]]
id = "not-counted"
received = {{ server = "plane", path = "/healthz", times = 0 }}

[[step]]
id = "whole"
run = ["${{plane.url}}", "${{plane.ca}}"]
stdout.ignore = "looked at by the replay"
exit = [0, 1]

[[step]]
id = "cut"
run = ["${{plane.url}}", "${{plane.ca}}"]
stdout.ignore = "looked at by the replay"
exit = 1

[[step]]
id = "reset"
run = ["${{plane.url}}", "${{plane.ca}}"]
exit = 1
stdout.equals = "it must differ, so that there is a capsule\\n"
"""


def test_a_replay_ends_a_connection_as_the_server_did() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    recorded = Exchange("GET", "/control/peers", (), b"", (Piece(0.0, answer),), Ending.CLOSE)
    with contextlib.closing(ReplayServer("plane", "http://127.0.0.1:0", (recorded,), Tls())) as server:
        assert everything(server, client(server)) == answer
        with pytest.raises(ssl.SSLCertVerificationError):
            everything(server, ssl.create_default_context())


def test_a_client_that_breaks_off_before_the_handshake_ends_no_replay() -> None:
    with contextlib.closing(ReplayServer("plane", "http://127.0.0.1:0", (), Tls())) as server:
        address = urlsplit(server.url)
        for _ in range(60):
            with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
                connection.sendall(b"no hello")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert everything(server, client(server)).startswith(b"HTTP/1.1 501 ")


def test_a_cell_over_tls_is_replayed_without_its_server(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.artifact("native-linux-x64", GET)
    project.scenario("integration/talk", TALK)
    project.run("--artifact=native-linux-x64")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a replay starts no server process")

    monkeypatch.setattr(ServerProcess, "start", refuse)
    for case, reason in (("good", "Remote end closed connection"), ("old", "certificate has expired")):
        capsule = project.root / f".harness/last/capsules/integration/talk/{case}/native-linux-x64.zip"
        result = CliRunner().invoke(app, ["replay", str(capsule), f"--artifacts={project.root / 'dist' / 'artifacts.json'}"])
        assert (result.exit_code, result.output.splitlines()[-1]) == (0, "the same as recorded"), result.output
        raw = project.root / f".harness/last/integration/talk/{case}/native-linux-x64/reset.stdout"
        assert reason in raw.read_text()
