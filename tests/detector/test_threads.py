"""OpenCV's threads are put back as they were, whatever happens."""

import cv2
import pytest

from catchlight.detector.threads import opencv_on_one_thread


@pytest.fixture(autouse=True)
def two_threads():
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


def test_one_thread_inside_and_as_before_outside():
    with opencv_on_one_thread():
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == 2


def test_an_error_restores_them_too():
    with pytest.raises(ValueError, match="inside"), opencv_on_one_thread():
        raise ValueError("inside")
    assert cv2.getNumThreads() == 2
