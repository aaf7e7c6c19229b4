"""Closing by `with`."""

import pytest

from catchlight.detector.closing import Closing


class Tap(Closing):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_it_is_itself_inside_and_closed_after() -> None:
    tap = Tap()
    with tap as inside:
        assert inside is tap
        assert not tap.closed
    assert tap.closed == 1


def test_an_error_closes_it_and_goes_on() -> None:
    tap = Tap()
    with pytest.raises(ValueError, match="burst"), tap:
        raise ValueError("burst")
    assert tap.closed == 1


def test_who_cannot_close_is_no_such_thing() -> None:
    class Open(Closing):
        pass

    with pytest.raises(TypeError, match="close"):
        Open()  # type: ignore[abstract]
