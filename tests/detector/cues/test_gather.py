"""The second look: landmarks densely, colours, and pictures in the medium's own pixels."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.cues.gather import LOOKS, RATE, Cuts, Watch
from catchlight.detector.sight import look
from catchlight.detector.timing import Stopwatch
from catchlight.detector.tracks import cast
from catchlight.detector.types import Frame


def test_a_photograph_gives_one_picture_in_its_own_pixels(portrait, person_of):
    person = person_of(portrait.image)
    (seen,) = person.looks
    assert person.kind == "image"
    assert len(person.times) == 1
    moved = person.landmarks[0] - seen.landmarks
    assert np.ptp(moved, axis=0) == pytest.approx((0, 0), abs=0.01)  # cut out, neither turned nor scaled
    left, top = (round(float(value)) for value in moved[0])
    height, width = seen.image.shape[:2]
    assert np.array_equal(seen.image, portrait.image[top : top + height, left : left + width])
    assert 120 < person.skin[0, 0] < 255
    assert person.skin[0, 0] > person.skin[0, 2]


def test_a_clip_is_watched_densely(blinker):
    person = blinker
    assert person.rate == pytest.approx(RATE, rel=0.05)
    assert person.seconds == pytest.approx(9.0 - 9.0 / 32, abs=0.2)  # from the first sampled frame on
    assert len(person.stretches()) == 1
    assert LOOKS - 1 <= len(person.looks) <= LOOKS
    times = [one.time for one in person.looks]
    assert times == sorted(times)


def test_the_same_clip_gives_the_same_person(blinking, blinker, person_in):
    again = person_in(blinking[0])
    assert np.array_equal(blinker.landmarks, again.landmarks)
    assert np.array_equal(blinker.skin, again.skin)


def test_a_cut_is_seen_and_a_drift_is_none(astronaut):
    cuts = Cuts()
    drift = [cuts.scene(np.roll(astronaut, 6 * number, axis=1)) for number in range(5)]
    elsewhere = [cuts.scene(np.full_like(astronaut, 200)), cuts.scene(np.full_like(astronaut, 200))]
    assert drift == [0] * 5
    assert elsewhere == [1, 1]
    assert cuts.scene(np.full((64, 64, 3), 200, np.uint8)) == 2  # another size is another shot


def test_frames_given_anew_replace_what_was_seen(finder, mesh, portrait):
    """A file whose first pass leaves too few frames is read again from the start."""
    frames = [Frame(portrait.image, number, number / 12.5) for number in range(4)]
    crops = look(frames[:1], finder, 224, Stopwatch()).faces[0]
    with Watch("video", mesh, 1.0) as watch:
        for frame in watch.passing([(frames[0], (True, True)), (frames[2], (False, True))]):
            watch.meet(frame, crops)
        list(watch.passing([(frame, (False, True)) for frame in frames]))
        (person,) = watch.people(cast([crops]).tracks).values()
    assert person.times.tolist() == [frame.time for frame in frames]
    assert len(person.looks) == 2  # one for each eighth of the clip that was seen


def test_without_cues_over_time_only_the_sampled_frames_are_looked_at(finder, portrait):
    frame = Frame(portrait.image)
    crops = look([frame], finder, 224, Stopwatch()).faces[0]
    with Watch("video", None, 1.0) as watch:
        assert not watch.dense
        for sampled in watch.passing([(frame, (True,))]):
            watch.meet(sampled, crops)
        (person,) = watch.people(cast([crops]).tracks).values()
    assert np.array_equal(person.landmarks[0], crops[0].face.landmarks)
    assert len(person.looks) == 1
