"""Addresses -> files: only of the open internet, pinned, at every redirect, and with an end.

Nothing leaves this machine: names are resolved by the test, and the one 'public' address is a server of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.fetch import fetched, is_public
from catchlight.serve.http.spool import Spool

HERE = "127.0.0.1"


class Site(BaseHTTPRequestHandler):
    """Answers by path; notes what it was asked."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """One answer a path."""
        self.asked.append((self.path, self.headers["Host"]))
        port = self.server.server_address[1]
        targets = {
            "/again": f"http://site.example:{port}/photo%20one.jpg",
            "/inside": "http://169.254.169.254/latest/meta-data",
            "/local": f"http://localhost:{port}/photo%20one.jpg",
            "/round": f"http://site.example:{port}/round",
            "/file": "file:///etc/passwd",
        }
        if self.path in targets:
            self.send_response(302)
            self.send_header("Location", targets[self.path])
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        if self.path == "/declared":
            self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"x" * (5000 if self.path == "/endless" else 100))

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    site = ThreadingHTTPServer((HERE, 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site.server_address[1]
    site.shutdown()
    site.server_close()


def resolver(host: str, port: int) -> list[str]:
    """A DNS of the test's own: `site.example` is the 'open internet', the rest is what attackers write."""
    names = {
        "site.example": [HERE],
        "trick.example": [HERE, "10.0.0.1"],
        "localhost": ["127.0.0.2"],
        "169.254.169.254": ["169.254.169.254"],
    }
    if host not in names:
        raise OSError(f"no such host {host}")
    return names[host]


def get(url: str, folder: Path, **settings: int) -> bytes | str:
    """What is fetched, or what is said about it."""
    app, spool = Flask("test"), Spool(folder)
    config = ServerConfig(**{"max_body": 1000, **settings})
    with app.test_request_context():
        try:
            with fetched(url, spool, config, resolver=resolver, public=lambda a: a == HERE) as upload:
                return upload.name.encode() + b":" + upload.path.read_bytes()
        except HTTPException as error:
            return error.response.json["detail"]  # type: ignore[union-attr]
        finally:
            spool.close()


def test_a_file_is_fetched_from_the_address_that_was_checked(port: int, tmp_path: Path) -> None:
    assert get(f"http://site.example:{port}/photo%20one.jpg", tmp_path) == b"photo one.jpg:" + b"x" * 100
    assert Site.asked[-1] == ("/photo%20one.jpg", f"site.example:{port}")


def test_redirects_are_followed_and_checked_anew(port: int, tmp_path: Path) -> None:
    assert get(f"http://site.example:{port}/again", tmp_path) == b"photo one.jpg:" + b"x" * 100
    asked = len(Site.asked)
    for path in ("/inside", "/local", "/file"):
        assert isinstance(get(f"http://site.example:{port}{path}", tmp_path), str)
    assert [path for path, _ in Site.asked[asked:]] == ["/inside", "/local", "/file"]
    assert "redirects" in str(get(f"http://site.example:{port}/round", tmp_path))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://site.example/a.jpg", "http"),
        ("file:///etc/passwd", "http"),
        ("//site.example/a", "http"),
        ("http://", "host"),
        ("http://user:pw@site.example/a", "user name"),
        ("http://trick.example/a", "open internet"),
        ("http://unknown.example/a", "no address"),
        ("http://169.254.169.254/latest", "open internet"),
        ("http://localhost/", "open internet"),
        ("http://[::1", "no address"),
    ],
)
def test_what_is_no_public_address_is_refused_before_any_request(url: str, says: str, tmp_path: Path) -> None:
    asked = len(Site.asked)
    assert says in str(get(url, tmp_path))
    assert len(Site.asked) == asked


def test_size_and_status_are_bounded(port: int, tmp_path: Path) -> None:
    assert "1,000 bytes" in str(get(f"http://site.example:{port}/endless", tmp_path))
    assert "1,000 bytes" in str(get(f"http://site.example:{port}/declared", tmp_path))
    assert "404" in str(get(f"http://site.example:{port}/missing", tmp_path))
    assert "no answer" in str(get("http://site.example:1/", tmp_path))


@pytest.mark.parametrize(
    "address",
    # loopback, private, link-local, shared, reserved, multicast, documentation, and those within IPv6
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "240.0.0.1", "192.0.2.1", "255.255.255.255", "::", "::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "not an address", ""],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


def test_addresses_of_the_open_internet() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2606:4700:4700::1111")


def test_the_option_works_where_it_is_on(make: Callable[..., Flask]) -> None:
    client = make(url_input=True).test_client()
    response = client.post("/v1/detect?url=http://127.0.0.1/photo.jpg")
    assert (response.status_code, response.json["code"]) == (422, "url_refused")
    assert "open internet" in response.json["detail"]
