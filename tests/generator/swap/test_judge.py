import numpy as np
import pytest

from catchlight.detector.types import Box, Crop, Face, Quality
from catchlight.generator.swap import frame
from catchlight.generator.swap.judge import REASONS, FrameNote, hopeless, judged, strengths
from catchlight.generator.swap.steady import Placed

MEAN = np.vstack([frame.mean_face(), frame.mean_face()[:10]]).astype(np.float32)


def crop(**quality):
    values = {"width": 120.0, "sharpness": 90.0, "brightness": 120.0, "turn": 0.1, "score": 0.9, **quality}
    points = MEAN * 100 + 200
    face = Face(Box(0, 0, 1, 1), points, 1.0)
    return Crop(np.zeros((8, 8, 3), np.uint8), points, face, 0, 0.0, Quality(**values))


def place(shift=0.0, jitter=0.0, bridged=False):
    return Placed(MEAN * 100 + np.float32((200 + shift, 200)), np.eye(2, 3), jitter, bridged)


def notes(*bad):
    return [FrameNote(i, i / 10, 1.0, "poor" if i in bad else "") for i in range(10)]


@pytest.mark.parametrize(
    ("where", "seen", "kept"),
    [
        (place(), crop(), ""),
        (None, None, "no_face"),
        (place(), crop(problem="too_dark", score=0.0), "too_dark"),
        (place(), crop(turn=0.95), "turned_away"),
        (place(jitter=0.2), crop(), "unsteady"),
        (place(shift=-200), crop(), "outside"),
        (place(), crop(score=0.05), "poor"),
    ],
)
def test_each_reason(where, seen, kept):
    (note,) = judged([0.5], [where], {0: seen} if seen else {}, None, (400, 400), 0.1)
    assert (note.kept, note.time) == (kept, 0.5)
    assert kept == "" or kept in REASONS


def test_a_bridged_frame_is_worth_less():
    found = judged([0, 1], [place(), place(bridged=True)], {0: crop()}, None, (400, 400), 0.1)
    assert 0 < found[1].quality < found[0].quality


def test_a_swap_comes_and_goes_softly_but_not_at_cuts():
    assert strengths(notes(4)) == [1, 0.75, 0.5, 0.25, 0, 0.25, 0.5, 0.75, 1, 1]
    assert strengths(notes(4), cuts=(5,)) == [1, 0.75, 0.5, 0.25, 0, 1, 1, 1, 1, 1]
    assert strengths(notes(4), cuts=(4,)) == [1, 1, 1, 1, 0, 0.25, 0.5, 0.75, 1, 1]


def test_why_nothing_can_be_swapped_is_said_in_words():
    found = [FrameNote(0, 0, 0, "too_dark"), FrameNote(1, 0, 0, "too_dark"), FrameNote(2, 0, 0, "no_face")]
    said = "none of 3 frames can be swapped: the face is too dark in 2; the person is not seen in 1"
    assert hopeless(found) == said
