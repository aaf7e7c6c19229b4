"""Webhooks to a real HTTP server on this machine."""

from __future__ import annotations

import http.server
import json
import threading
import time

import pytest

from catchlight.detector.errors import ConfigError
from catchlight.serve.jobs import courier as courier_module
from catchlight.serve.jobs.courier import Courier, CourierConfig, is_public, post
from catchlight.serve.jobs.webhooks import verify

HERE = CourierConfig(private=True, timeout=1.0)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes down what comes, and answers with the statuses that it was given."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        if status == "dribble":
            self.dribble()
            return
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def dribble(self):
        try:
            for _ in range(100):
                self.wfile.write(b"H")
                time.sleep(0.1)
        except OSError:
            self.server.got.append("cut off")

    def log_message(self, *words):
        """Silence."""


@pytest.fixture
def receiver():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.got, server.statuses = [], []
        server.url = f"http://localhost:{server.server_port}/hook?to=ann"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def finished(store, file, url):
    store.submit(file, options={}, owner="ann", webhook=url)
    return store.finish(store.claim("worker", 60), {"verdict": "real"})


def test_the_end_is_told_once_and_signed_for_its_owner(store, file, receiver):
    job = finished(store, file, receiver.url)
    courier = Courier(store, HERE)
    assert [courier.deliver(), courier.deliver()] == [True, False]
    ((path, headers, body),) = receiver.got
    assert path == "/hook?to=ann"
    assert headers["webhook-id"] == job.id
    told = verify(store.webhook_secret("ann"), headers, body)
    assert told["type"] == "job.done"
    assert told["data"]["result"] == {"verdict": "real"}


@pytest.mark.parametrize("status", [500, 302, 404, "dribble"])
def test_whatever_is_no_yes_comes_again_with_the_same_message(store, file, receiver, later, status):
    finished(store, file, receiver.url)
    receiver.statuses = [status]
    courier = Courier(store, HERE)
    begin = time.monotonic()
    assert courier.deliver()
    assert time.monotonic() - begin < 5
    assert not courier.deliver()
    later(31)
    assert courier.deliver()
    calls = [call for call in receiver.got if call != "cut off"]
    assert len(calls) == 2
    assert calls[0][2] == calls[1][2]
    assert calls[0][1]["webhook-id"] == calls[1][1]["webhook-id"]
    assert all(path.startswith("/hook") for path, _, _ in calls)  # no redirect was followed


def test_a_receiver_that_is_not_there_is_tried_later(store, file, later):
    finished(store, file, "http://localhost:9/hook")
    courier = Courier(store, HERE)
    assert courier.deliver()
    later(31)
    assert courier.deliver()


def test_private_addresses_are_not_called(store, file, receiver):
    finished(store, file, receiver.url)
    assert Courier(store).deliver()
    assert receiver.got == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
     "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address):
    assert not is_public(address)


def test_one_private_address_among_public_ones_is_a_refusal(monkeypatch):
    found = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(courier_module.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ConfigError, match="open internet"):
        post("http://example.org", b"{}", {}, CourierConfig())


def test_runs_until_it_is_stopped(store, file, receiver):
    stop = threading.Event()
    thread = threading.Thread(target=Courier(store, CourierConfig(private=True, poll=0.02)).run, args=(stop,))
    thread.start()
    finished(store, file, receiver.url)
    until = time.monotonic() + 10
    while not receiver.got and time.monotonic() < until:
        time.sleep(0.02)
    stop.set()
    thread.join()
    assert json.loads(receiver.got[0][2])["type"] == "job.done"
