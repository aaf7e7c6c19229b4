"""What is no HTTP, or breaks off, gets a problem; and the server goes on."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack

import httpx
import pytest

SOON = 30.0
POST = b"POST /v1/detect HTTP/1.1\r\nHost: x\r\n"


def say(server: str, sent: bytes, end: bool = False) -> tuple[int, str, dict[str, object]]:
    """Status, content type and body of the answer to raw bytes; with `end` the client stops in their midst."""
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=SOON) as line:
        line.sendall(sent)
        if end:
            line.shutdown(socket.SHUT_WR)
        answer = line.recv(1 << 16)
        while b"\r\n\r\n" not in answer or not answer.rstrip().endswith(b"}"):
            more = line.recv(1 << 16)
            assert more, answer
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    kind = next(part for part in head.split(b"\r\n") if part.lower().startswith(b"content-type:"))
    return int(head.split()[1]), kind.split(b": ")[1].decode(), json.loads(body)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: odd\r\n\r\n", 501),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"a%d: b\r\n" % n for n in range(200)) + b"\r\n", 431),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\nabc\r\n", 400),
    ],
)
def test_what_is_no_http_gets_a_problem(sent: bytes, status: int, server: str) -> None:
    found, kind, body = say(server, sent)
    assert (found, body["status"]) == (status, status)
    assert kind == "application/problem+json"


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Content-Type: image/jpeg\r\nContent-Length: 100\r\n\r\nabc",
        POST + b"Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
        POST + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100\r\n\r\n--b\r\nContent-",
    ],
)
def test_a_body_that_breaks_off_is_the_clients_fault(sent: bytes, server: str) -> None:
    status, kind, _ = say(server, sent, end=True)
    assert status == 400
    assert kind == "application/problem+json"
    assert httpx.get(f"{server}/v2/health/ready").status_code == 200


@pytest.mark.slow
def test_who_sends_nothing_or_half_a_request_holds_no_thread(server: str) -> None:
    host, port = server.removeprefix("http://").split(":")
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(60)]
        for line in lines[::2]:
            line.sendall(POST)
        began = time.monotonic()
        assert httpx.get(f"{server}/v2/health/live", timeout=SOON).status_code == 200
        assert time.monotonic() - began < 3.0
        lines[0].settimeout(SOON)
        assert lines[0].recv(1 << 16).startswith(b"HTTP/1.1 408")
        lines[1].settimeout(SOON)
        assert lines[1].recv(1 << 16) == b""


def test_who_does_not_hang_up_keeps_nobody_waiting(server: str) -> None:
    host, port = server.removeprefix("http://").split(":")
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(8)]
        for line in lines:
            line.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert line.recv(1 << 16).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert httpx.get(f"{server}/v2/health/live", timeout=SOON).status_code == 200
        assert time.monotonic() - began < 2.0  # gunicorn's own way took two seconds for each of them


def test_a_head_in_two_parts_is_taken(server: str) -> None:
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=SOON) as line:
        for part in (b"GET /v2/health/live HTT", b"P/1.1\r\nHost: x\r", b"\n\r\n"):
            line.sendall(part)
            time.sleep(0.1)
        assert line.recv(1 << 16).startswith(b"HTTP/1.1 200")


def test_a_body_in_chunks_is_taken(server: str, photo: bytes) -> None:
    response = httpx.post(f"{server}/v1/detect", content=iter([photo[:1000], photo[1000:]]), timeout=SOON)
    assert response.status_code == 200
