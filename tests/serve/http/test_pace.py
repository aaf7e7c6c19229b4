"""Clients that send a byte now and then, over real connections."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from catchlight.detector.errors import RequestTooSlow
from catchlight.serve.http.pace import Pace, Paced


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_client_that_keeps_the_pace_is_heard_out(ends: tuple[socket.socket, socket.socket]) -> None:
    line = Paced(ends[0], Pace(total=30.0, grace=30.0))
    ends[1].sendall(b"abc")
    assert (line.recv(2), line.recv(2)) == (b"ab", b"c")
    ends[1].close()
    assert line.recv(2) == b""


@pytest.mark.parametrize("pace", [Pace(grace=0.1, rate=100.0), Pace(total=0.2, grace=9.0)])
def test_one_byte_now_and_then_is_too_slow(pace: Pace, ends: tuple[socket.socket, socket.socket]) -> None:
    line = Paced(ends[0], pace)
    began = time.monotonic()

    def dribble() -> None:
        for _ in range(100):
            ends[1].sendall(b"x")
            line.recv(1)
            time.sleep(0.02)

    with pytest.raises(RequestTooSlow):
        dribble()
    assert time.monotonic() - began < 1.5
    line.start()  # the next request has its own time
    ends[1].sendall(b"x")
    assert line.recv(1) == b"x"


def test_silence_ends_at_the_pace_or_at_the_timeout_whatever_comes_first(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    line = Paced(ends[0], Pace(grace=0.05))
    with pytest.raises(RequestTooSlow):
        line.recv(1)
    line.start()
    line.settimeout(0.01)
    with pytest.raises(TimeoutError):
        line.recv(1)
    assert line.gettimeout() == 0.01


def test_a_client_that_takes_nothing_is_given_up(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(TimeoutError):
        Paced(ends[0], Pace(), sending=0.05).sendall(b"x" * (8 << 20))
