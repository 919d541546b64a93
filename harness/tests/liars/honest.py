"""The honest program of the gallery: it does what the scenarios beside it say. Every liar is this text with one place changed.

It is run by the interpreter of the test with `-I -S`, so it uses little of the standard library and nothing else.
"""
# pathlib would take longer to load than the rest to run.
# ruff: noqa: PTH107, PTH118, PTH123

import json
import os
import signal
import socket
import sys
import time

PEERS = [("node-a", "Alive", 1.4), ("node-b", "Alive", 0.2), ("node-c", "Suspect", 12.3)]
ROW = "{:<8}{:<9}{:>5}"
ITEMS = ["s1", "s2", "s3", "s4", "s5"]


def put(text, descriptor=1):
    data = text.encode()
    while data:
        data = data[os.write(descriptor, data) :]


def complain(text, code=1):
    put(f"error: {text}\n", 2)
    sys.exit(code)


def option(name, default=""):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def made_up():
    digits = os.urandom(16).hex()
    return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))


def ask(method, path, body=None):
    host, port = option("--url").removeprefix("http://").rstrip("/").split(":")
    payload = b"" if body is None else json.dumps(body).encode()
    head = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Accept: application/json",
        f"Authorization: Bearer {os.environ['TOOL_TOKEN']}",
        "Connection: close",
        f"Content-Length: {len(payload)}",
        "Content-Type: application/json",
    ]
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + payload)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    status, _, rest = answer.partition(b"\r\n")
    return int(status.split()[1]), rest.partition(b"\r\n\r\n")[2]


def table():
    rows = [ROW.format("NODE", "STATE", "RTT"), *(ROW.format(*peer) for peer in PEERS)]
    put("\n".join(rows) + "\n")


def as_json():
    identity = made_up()
    document = {
        "id": identity,
        "self": {"id": identity},
        "localNodeId": "node-b",
        "sequence": 9007199254740993,
        "generatedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "leader": None,
        "peers": [{"nodeId": node, "state": state, "rttMs": rtt} for node, state, rtt in PEERS],
    }
    put(json.dumps(document) + "\n")


def usage():
    put("usage: tool COMMAND\n")


def find():
    known = [peer for peer in PEERS if peer[0] == option("--node")]
    if not known:
        complain(f"no such peer: {option('--node')}")
    put(f"{known[0][0]} {known[0][1]}\n")


def when():
    moment = time.gmtime(1735787045)
    put(time.strftime("%Y-%m-%dT%H:%M:%SZ", moment) + "\n")


def share():
    text = f"{1234567 / 1000:.1f} ms"
    put(text + "\n")


def describe():
    text = "a mesh of three peers, two of which are alive at this moment"
    put(text + "\n")


def greet():
    name = "operator"
    put(f"good day, {name}\n")


def save():
    with open("out.txt", "w") as file:
        file.write("saved\n")
    put("saved to out.txt\n")


def scratch():
    place = os.path.join(os.environ["TMPDIR"], "scratch")
    with open(place, "w") as file:
        file.write("x")
    os.remove(place)
    put("done\n")


def work():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    put("worked\n")


def page():
    start = int(option("--from", "0"))
    following = str(start + 2) if start + 2 < len(ITEMS) else None
    put(json.dumps({"items": ITEMS[start : start + 2], "next": following}) + "\n")


def watch():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    put("watching\n")
    signal.pause()


def confirm():
    put("Drain node-a? [y/N]: ")
    answer = sys.stdin.readline().strip()
    put("drained\n" if answer == "y" else "left alone\n")


def peers():
    status, body = ask("GET", "/control/peers")
    if status != 200:
        complain(f"the control plane answered {status}")
    for peer in json.loads(body)["peers"]:
        put(f"{peer['nodeId']} {peer['status']}\n")


def drain():
    status, _ = ask("POST", "/control/upgrade/drain", {"reason": "upgrade"})
    if status >= 300:
        complain(f"the control plane answered {status}")
    put("draining\n")


COMMANDS = {
    "table": table,
    "json": as_json,
    "--help": usage,
    "find": find,
    "when": when,
    "share": share,
    "describe": describe,
    "greet": greet,
    "save": save,
    "scratch": scratch,
    "work": work,
    "page": page,
    "watch": watch,
    "confirm": confirm,
    "peers": peers,
    "drain": drain,
}

if sys.argv[1] == "--version":
    put("1.0.0\n")
    sys.exit()
COMMANDS[sys.argv[1]]()
