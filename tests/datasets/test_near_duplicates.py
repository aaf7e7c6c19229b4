"""Copies are found and the better one stays; other pictures, labels and frames of a clip are left alone."""

import random

import cv2
import numpy as np
import pytest

from catchlight.datasets import hashes, near_duplicates
from catchlight.datasets.manifest import Sample


@pytest.mark.parametrize("seed", range(10))
def test_pairs_are_exactly_those_within_three_bits(seed):
    rng = random.Random(seed)
    codes = []
    for _ in range(150):
        code = rng.choice((rng.getrandbits(64), rng.getrandbits(2) << 30))
        for _ in range(rng.randrange(4)):
            code ^= 1 << rng.randrange(64)
        codes.append(rng.choice(("", f"{code:016x}", f"{code:016x}")))
    near = [
        (i, j)
        for i in range(len(codes))
        for j in range(i + 1, len(codes))
        if codes[i] and codes[j] and (int(codes[i], 16) ^ int(codes[j], 16)).bit_count() <= 3
    ]
    assert near_duplicates.pairs(codes) == near


def test_no_hashes_give_no_pairs():
    assert near_duplicates.pairs([]) == near_duplicates.pairs([""]) == near_duplicates.pairs(["0" * 16]) == []


@pytest.fixture
def pictures(astronaut):
    worse = cv2.GaussianBlur(cv2.resize(astronaut, (200, 200), interpolation=cv2.INTER_AREA), (0, 0), 1)
    return [worse, astronaut, np.ascontiguousarray(astronaut[:, ::-1])]


def rows(pictures, **columns):
    return [
        Sample(
            path=f"{number}.jpg",
            dhash=hashes.difference_hash(image),
            face_width=float(image.shape[1]),
            sharpness=50.0,
            **{"label": "real", **{name: values[number] for name, values in columns.items()}},
        )
        for number, image in enumerate(pictures)
    ]


def test_the_better_copy_stays(pictures):
    assert near_duplicates.repeated(rows(pictures), pictures.__getitem__) == {0: 1}
    assert near_duplicates.repeated(rows(pictures[::-1]), pictures[::-1].__getitem__) == {2: 1}


@pytest.mark.parametrize(
    "columns",
    [
        {"label": ("real", "fake", "real")},
        {"label": ("fake",) * 3, "method": ("swap", "sync", "swap")},
    ],
)
def test_copies_under_another_label_or_method_stay(pictures, columns):
    assert near_duplicates.repeated(rows(pictures, **columns), pictures.__getitem__) == {}


def test_near_hashes_of_other_pictures_are_no_copies(pictures):
    samples = rows(pictures)
    claimed = [Sample("a.jpg", "real", dhash=s.dhash) for s in samples[:1]] + [
        Sample("b.jpg", "real", dhash=samples[0].dhash)
    ]
    assert near_duplicates.repeated(claimed, [pictures[0], pictures[2]].__getitem__) == {}


def test_frames_of_one_clip_stay_unless_they_are_identical(astronaut):
    moved = np.roll(astronaut, 2, axis=1)
    frames = [astronaut, moved, astronaut.copy()]
    in_clip = rows(frames, clip=("c",) * 3)
    assert near_duplicates.repeated(in_clip, frames.__getitem__) == {2: 0}
    across = rows(frames, clip=("c", "d", "e"))
    assert near_duplicates.repeated(across, frames.__getitem__) == {1: 0, 2: 0}


def test_every_one_left_out_is_a_copy_of_one_that_is_kept(astronaut):
    rng = np.random.default_rng(5)
    frames = [np.roll(astronaut, int(shift), axis=1) for shift in rng.integers(0, 40, 30)]
    samples = rows(frames, clip=tuple(str(i) for i in range(30)))
    gone = near_duplicates.repeated(samples, frames.__getitem__)
    assert gone
    assert not set(gone) & set(gone.values())
    copies = [near_duplicates.small_copy(frame) for frame in frames]
    assert all(near_duplicates.distance(copies[a], copies[b]) <= 0.15 for a, b in gone.items())
