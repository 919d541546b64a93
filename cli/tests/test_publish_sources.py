"""The lock file of third-party sources, the mirrors of this machine, and what a download may be."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.publish import PublishError
from cli.publish.apt_mirrors import deb822, mirrors, one_line
from cli.publish.sources import LOCK_FILE, Source, addresses, fetch, parse_lock, read_lock

CONTENT = b"the source archive" * 1000
ENTRY = """format = 1
[[source]]
name = "part"
version = "1.2"
sha256 = "{digest}"
licence = "MIT"
locations = [{locations}]
"""


def lock(digest: str = "0" * 64, locations: str = '"https://example.org/part.tar.xz"') -> bytes:
    return ENTRY.format(digest=digest, locations=locations).encode()


def source(*locations: str, content: bytes = CONTENT) -> Source:
    return Source("part", "1.2", hashlib.sha256(content).hexdigest(), "MIT", locations)


@dataclass
class Mirror:
    """A package mirror on loopback: path → (status, announced length or None, body)."""

    files: dict[str, tuple[int, int | None, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    state = Mirror()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            status, length, body = state.files.get(self.path, (404, 0, b""))
            self.send_response(status)
            self.send_header("content-length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Nothing is printed."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_committed_lock_holds_cpython_with_two_kinds_of_location() -> None:
    cpython = read_lock(LOCK_FILE)["cpython"]
    assert cpython.version.startswith("3.13.")
    assert [location.partition(":")[0] for location in cpython.locations] == ["debian-pool", "https"]


def test_no_mirror_host_is_committed() -> None:
    urls = addresses(read_lock()["cpython"], ("http://mirror.invalid/debian",))
    assert urls[0].startswith("http://mirror.invalid/debian/pool/main/p/")
    assert all("python.org" in url for url in urls[1:])


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b"format = 2", "format = 1"),
        (b"format = 1\nother = 3", "nothing else"),
        (b"format = 1\nsource = 3", "[[source]]"),
        (b"\xff", "not valid TOML"),
        (b"format = 1\n[[source]]\nname = 'x'", "exactly the keys"),
        (lock(digest="ABC"), "64 lower-case"),
        (lock(locations=""), "locations"),
        (lock(locations='"http://example.org/a"'), "locations"),
        (lock(locations='"debian-pool:../etc/passwd"'), "locations"),
        (lock(locations='"debian-pool:pool/../../x"'), "locations"),
        (lock(locations=r'"https://example.org/a\nb"'), "locations"),
        (lock() + lock().removeprefix(b"format = 1\n"), "twice"),
    ],
)
def test_a_wrong_lock_names_the_fault(raw: bytes, part: str) -> None:
    with pytest.raises(PublishError, match=r"the\.lock") as caught:
        parse_lock(raw, "the.lock")
    assert part in str(caught.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: b"format = 1\n" + text.encode("utf-8", "replace")))
def test_any_lock_bytes_give_sources_or_a_named_fault(raw: bytes) -> None:
    try:
        found = parse_lock(raw, "the.lock")
    except PublishError as error:
        assert str(error).startswith("the.lock: ")
    else:
        assert all(name == entry.name for name, entry in found.items())


def test_both_formats_of_apt_are_read_in_order_without_doubles(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text("# deb http://no.invalid x y\ndeb [arch=amd64 signed-by=/k] http://a.invalid/debian/ bookworm main\n")
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (parts / "1.list").write_text("deb-src https://b.invalid/debian trixie main # why\ndeb cdrom:[Disc]/ trixie main\n")
    (parts / "2.sources").write_text(
        "Types: deb\n# http://no.invalid\nURIs: http://c.invalid/debian\n http://a.invalid/debian\nSuites: x\n\nTypes: deb\nEnabled: no\nURIs: http://no.invalid\n"
    )
    (parts / "3.sources.disabled").write_text("Types: deb\nURIs: http://no.invalid\n")
    assert mirrors(tmp_path) == ("http://a.invalid/debian", "https://b.invalid/debian", "http://c.invalid/debian")


def test_a_machine_without_apt_has_no_mirrors(tmp_path: Path) -> None:
    assert mirrors(tmp_path / "none") == ()


@given(st.text(max_size=300) | st.text(alphabet="deb URIs:\n #[]enabled=no/http", max_size=300))
def test_any_apt_text_gives_single_words(text: str) -> None:
    for address in [*one_line(text), *deb822(text)]:
        assert address and not any(letter.isspace() for letter in address)


def test_a_download_is_verified_kept_and_not_repeated(tmp_path: Path, mirror: Mirror) -> None:
    mirror.files["/pool/main/part.tar"] = (200, None, CONTENT)
    wanted = source("debian-pool:pool/main/part.tar")
    path = fetch(wanted, tmp_path, lambda: (mirror.url,))
    assert path.read_bytes() == CONTENT
    assert fetch(wanted, tmp_path, lambda: (mirror.url,)) == path
    assert mirror.asked == ["/pool/main/part.tar"]
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_damaged_file_in_the_cache_is_fetched_again(tmp_path: Path, mirror: Mirror) -> None:
    mirror.files["/pool/part"] = (200, None, CONTENT)
    wanted = source("debian-pool:pool/part")
    path = fetch(wanted, tmp_path, lambda: (mirror.url,))
    path.write_bytes(CONTENT[:-1])
    assert fetch(wanted, tmp_path, lambda: (mirror.url,)).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((404, None, b""), "HTTP status 404"),
        ((200, None, b"something else"), "the lock file asks for"),
        ((200, len(CONTENT) + 7, CONTENT), "IncompleteRead"),
    ],
)
def test_a_bad_location_is_passed_over_and_named_when_all_fail(tmp_path: Path, mirror: Mirror, answer: tuple[int, int | None, bytes], why: str) -> None:
    mirror.files["/bad/pool/part"] = answer
    wanted = source("debian-pool:pool/part")
    with pytest.raises(PublishError) as caught:
        fetch(wanted, tmp_path, lambda: (f"{mirror.url}/bad",))
    text = str(caught.value)
    assert f"{mirror.url}/bad/pool/part: " in text
    assert why in text
    assert wanted.sha256 in text
    assert list(tmp_path.iterdir()) == []
    mirror.files["/good/pool/part"] = (200, None, CONTENT)
    assert fetch(wanted, tmp_path, lambda: (f"{mirror.url}/bad", f"{mirror.url}/good")).read_bytes() == CONTENT


def test_a_machine_without_mirrors_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="apt configuration names none"):
        fetch(source("debian-pool:pool/part"), tmp_path, lambda: ())
