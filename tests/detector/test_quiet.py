"""Native noise is silenced, and only while the block lasts, whatever ends it."""

from __future__ import annotations

import os

import pytest

from catchlight.detector.quiet import quiet_native_logs


def test_silent_inside_and_heard_again_after(capfd):
    with quiet_native_logs():
        os.write(2, b"noise\n")
    os.write(2, b"word\n")
    assert capfd.readouterr().err == "word\n"


def test_an_error_passes_and_ends_the_silence(capfd):
    with pytest.raises(KeyError), quiet_native_logs():
        raise KeyError
    os.write(2, b"word\n")
    assert capfd.readouterr().err == "word\n"


def lowest_free_descriptor():
    number = os.dup(2)
    os.close(number)
    return number


def test_no_descriptor_is_left_open():
    before = lowest_free_descriptor()
    for _ in range(3):
        with quiet_native_logs():
            pass
    after = lowest_free_descriptor()
    assert after == before
