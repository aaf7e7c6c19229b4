"""One person, one track: across cuts, gaps and swapped sides; and never two people in one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.align import cut
from catchlight.detector.faces import FaceFinder
from catchlight.detector.media import Sampling, frames
from catchlight.detector.quality import measure
from catchlight.detector.tracks import Linker, Scenes, cast, link, without_strays
from catchlight.detector.types import Box, Crop

STAGE = (240, 560)


@pytest.fixture(scope="module")
def finder():
    with FaceFinder() as finder:
        yield finder


@pytest.fixture(scope="module")
def act(finder, portraits):
    """Makes the crops of one frame, and names each by the portrait (0 or 1) that it shows."""

    def perform(index, scene=0, left=None, right=None, shift=0):
        image = np.full((*STAGE, 3), 70 + 60 * (scene % 2), np.uint8)
        for who, at in ((left, 40), (right, 340)):
            if who is not None:
                image[50:230, at + shift : at + shift + 180] = portraits[who]
        found = []
        for face in finder.find(image):
            crop, landmarks = cut(image, face.landmarks, 224)
            made = Crop(crop, landmarks, face, index, index * 0.5, measure(crop, landmarks, face), scene)
            on_the_left = face.box.x + face.box.width / 2 < STAGE[1] / 2
            found.append((left if on_the_left else right, made))
        return found

    return perform


def cast_of(acts):
    """Tracks, each as the list of (portrait, frame index) of its crops."""
    names = {id(crop): name for faces in acts for name, crop in faces}
    tracks = link([[crop for _, crop in faces] for faces in acts])
    return [[(names[id(crop)], crop.index) for crop in track.crops] for track in tracks]


def test_two_people_who_swap_sides_after_a_cut_keep_their_tracks(act):
    before = [act(i, 0, left=0, right=1, shift=2 * i) for i in range(4)]
    after = [act(i, 1, left=1, right=0, shift=2 * i) for i in range(4, 8)]
    everyone = cast_of(before + after)
    assert sorted(everyone) == [[(who, i) for i in range(8)] for who in (0, 1)]


def test_a_person_who_leaves_and_comes_back_elsewhere_is_the_same(act):
    acts = [act(0, left=0), act(1, left=0), act(2, right=1), act(3, right=1), act(4, 1, right=0)]
    assert sorted(cast_of(acts)) == [[(0, 0), (0, 1), (0, 4)], [(1, 2), (1, 3)]]


def test_another_person_in_the_same_place_is_another_track(act):
    acts = [act(0, left=0), act(1, left=0), act(2, left=1), act(3, left=1)]
    assert sorted(cast_of(acts)) == [[(0, 0), (0, 1)], [(1, 2), (1, 3)]]


def test_two_faces_of_one_frame_are_two_people_however_alike(act):
    acts = [act(i, left=0, right=0) for i in range(3)]
    tracks = link([[crop for _, crop in faces] for faces in acts])
    assert [[crop.index for crop in track.crops] for track in tracks] == [[0, 1, 2], [0, 1, 2]]
    for track in tracks:
        assert np.ptp([crop.face.box.x for crop in track.crops]) < 10


def test_streaming_and_linking_at_once_agree(act):
    acts = [act(i, left=0, right=1) for i in range(3)]
    linker = Linker()
    for faces in acts:
        linker.add([crop for _, crop in faces])
    linked = link([[crop for _, crop in faces] for faces in acts])
    assert [[c.index for c in t.crops] for t in linker.tracks()] == [
        [c.index for c in t.crops] for t in linked
    ]


def test_the_larger_person_comes_first_and_crops_are_in_time_order(act):
    (name, near), (_, far) = sorted(act(0, left=0, right=1), key=lambda pair: pair[1].face.box.x)
    face = near.face
    large = [
        replace(near, index=i, time=float(i), face=replace(face, box=Box(0, 0, 300, 300))) for i in (2, 0, 1)
    ]
    first, second = link([[large[1], replace(far, index=0)], [large[2]], [large[0]]])
    assert (first.id, second.id, name) == (0, 1, 0)
    assert [crop.time for crop in first.crops] == [0.0, 1.0, 2.0]


def test_no_face_no_track():
    assert link([]) == link([(), ()]) == ()
    assert cast([(), ()]).tracks == ()


def test_a_cut_starts_a_scene_and_movement_does_not(portraits):
    rng = np.random.default_rng(1)
    scenes, found = Scenes(), []
    for number in range(6):
        image = np.full((*STAGE, 3), (60, 80, 120) if number < 3 else (140, 110, 60), np.uint8)
        image[50:230, 40 + 12 * number : 220 + 12 * number] = portraits[number >= 3]
        noisy = np.clip(image + rng.normal(0, 4, image.shape), 0, 255).astype(np.uint8)
        found.append(scenes.number(noisy))
    assert found == [0, 0, 0, 1, 1, 1]


def doubtful(crop: Crop, index: int, confidence: float = 0.55) -> Crop:
    return replace(crop, index=index, face=replace(crop.face, confidence=confidence))


def test_a_doubtful_face_in_one_of_many_frames_is_a_stray(act):
    acts = [[crop for _, crop in act(i, left=0)] for i in range(2)]
    ((_, other),) = act(0, right=1)
    long = [[replace(acts[0][0], index=i, time=i / 2)] for i in range(20)]
    people, strays = without_strays(link([*long[:10], [*long[10], doubtful(other, 10)], *long[11:]]))
    assert [len(track.crops) for track in people] == [20]
    assert [track.crops[0].index for track in strays] == [10]
    sure = [*long[10], doubtful(other, 10, confidence=0.95)]
    assert without_strays(link([*long[:10], sure, *long[11:]]))[1] == ()
    short, none = without_strays(link([[acts[0][0], doubtful(other, 0)], [acts[1][0]]]))
    assert (len(short), none) == (2, ())


def test_a_lone_face_is_never_a_stray(act):
    ((_, crop),) = act(0, left=0)
    assert without_strays(link([[doubtful(crop, 0)]]))[1] == ()


def test_faces_that_cannot_be_judged_are_cast_only_where_there_are_no_others(act):
    (good,), (bad,) = ([crop for _, crop in act(0, left=who)] for who in (0, 1))
    bad = replace(bad, quality=replace(bad.quality, problem="too_dark"))
    both = cast([[good, bad]])
    assert ([len(track.crops) for track in both.tracks], both.left_out) == ([1], (bad,))
    alone = cast([[bad]])
    assert ([track.crops for track in alone.tracks], alone.left_out) == ([(bad,)], ())


@pytest.mark.shared
@pytest.mark.slow
def test_people_of_different_clips_never_share_a_track(shared_data, finder):
    clips = sorted((shared_data / "clips").glob("*.mp4"))[::16]
    crops, scenes = [], Scenes()
    for number, clip in enumerate(clips):
        for frame in frames(clip, Sampling("even", count=5)):
            scene, faces = scenes.number(frame.image), finder.find(frame.image)
            cuts = [(cut(frame.image, face.landmarks, 224), face) for face in faces]
            index = 1000 * number + frame.index
            crops.append(
                [Crop(*made, face, index, float(index), measure(*made, face), scene) for made, face in cuts]
            )
    tracks = link(crops)
    assert len(tracks) >= len(clips) > 2
    assert [len({crop.index // 1000 for crop in track.crops}) for track in tracks] == [1] * len(tracks)


def test_people_of_one_picture_are_ordered_by_size_and_not_compared(act):
    (_, small), (_, large) = act(0, left=0, right=0)
    large = replace(large, face=replace(large.face, box=Box(0, 0, 900, 900)))
    assert [track.crops for track in link([[small, large]])] == [(large,), (small,)]
    assert [track.id for track in link([[small, large]])] == [0, 1]
    assert link([[]]) == ()
