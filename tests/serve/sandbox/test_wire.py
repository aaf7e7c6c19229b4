import os
import threading
import time

import pytest

from catchlight.detector.errors import (
    ConfigError,
    DataError,
    DecoderCrashed,
    MediaTookTooLong,
    NotMedia,
    UnknownName,
)
from catchlight.serve.sandbox.wire import LENGTH, MOST, describe, rebuild, receive, send


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            assert end == ends[1]  # closed by the test


def test_a_message_larger_than_a_pipe_arrives_whole(pipe):
    message = {"text": "é" * 300_000, "numbers": [0.1, None, True]}
    threading.Thread(target=send, args=(pipe[1], message)).start()
    assert receive(pipe[0], 5) == message


def test_a_closed_pipe_is_no_message_even_in_the_middle(pipe):
    os.write(pipe[1], LENGTH.pack(100) + b'{"a": ')
    os.close(pipe[1])
    assert receive(pipe[0], 5) is None


def test_half_a_message_is_not_waited_for_any_longer_than_allowed(pipe):
    os.write(pipe[1], LENGTH.pack(100) + b'{"a": ')
    begin = time.monotonic()
    with pytest.raises(MediaTookTooLong):
        receive(pipe[0], 0.1)
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize(
    "body",
    [b"[1]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"p_fake": NaN}'],
    ids=["list", "cut", "bytes", "deep", "nan"],
)
def test_what_is_no_object_is_refused(pipe, body):
    threading.Thread(target=os.write, args=(pipe[1], LENGTH.pack(len(body)) + body)).start()
    with pytest.raises(DataError, match="sandbox"):
        receive(pipe[0], 5)


def test_a_giant_is_refused_before_it_is_read(pipe):
    os.write(pipe[1], LENGTH.pack(MOST + 1))
    with pytest.raises(DataError, match="at most"):
        receive(pipe[0], 5)


def test_errors_arrive_with_the_owners_name_for_the_file():
    error = rebuild(describe(NotMedia("/spool/7f is no media"), "/spool/7f", "holiday.jpg"))
    assert (type(error), str(error)) == (NotMedia, "holiday.jpg is no media")


def test_unknown_names_keep_their_list():
    error = rebuild(describe(UnknownName("detector", "mesa", ["meso"]), "", ""))
    assert isinstance(error, UnknownName)
    assert error.valid == ("meso",)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"class": "SystemExit", "message": "x"}, DecoderCrashed),
        ({"class": "annotations", "message": "x"}, DecoderCrashed),
        ({"class": "Overloaded", "message": "x"}, DecoderCrashed),
        ({"class": "LeaseLost", "message": "x"}, DecoderCrashed),
        ({"class": "UnknownName", "message": "x", "facts": []}, ConfigError),
        ({"class": "UnknownName", "message": "x", "facts": 3}, ConfigError),
        ({"class": ["NotMedia"], "message": {}}, DecoderCrashed),
        ({}, DecoderCrashed),
        ("NotMedia", DecoderCrashed),
    ],
)
def test_only_errors_that_a_file_may_cause_are_built(said, kind):
    assert type(rebuild(said)) is kind
