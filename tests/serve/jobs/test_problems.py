import pytest

from catchlight.detector.errors import BundleError, DecoderCrashed, NotMedia, ServiceError
from catchlight.serve.jobs import problems


def test_the_files_faults_keep_their_code_and_ours_are_internal():
    assert problems.of_error(NotMedia("a.txt is neither")) == {
        "type": "/docs#not_media",
        "title": "Neither an image nor a video",
        "status": 415,
        "detail": "a.txt is neither",
        "code": "not_media",
    }
    assert problems.of_error(BundleError("gone"))["status"] == 500


@pytest.mark.parametrize(("error", "may"), [(NotMedia, False), (DecoderCrashed, True), (ServiceError, True)])
def test_only_what_may_pass_is_tried_again(error, may):
    assert problems.may_pass(error("x")) == may
