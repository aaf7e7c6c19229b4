"""Balanced examples for the last layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.errors import DataError
from catchlight.detector.models.last_layer import LastLayerConfig
from catchlight.generator.balanced import examples, real_faces
from catchlight.generator.tiers import TierConfig

TIERS = TierConfig(pairs={"self_blend": 2, "known_frames": 1}, histories=0.2)
FEW = LastLayerConfig(strength=0.01, batches=1, stills=1.0)


@pytest.fixture(scope="module")
def made(face_store):
    return list(examples(face_store, TIERS, FEW, 64, seed=3))


def test_every_tier_and_every_view_is_a_group(made):
    assert {part.group for part in made} == {
        *(f"{tier}/{share}" for tier in TIERS.pairs for share in (0.0, 0.6)),
        *(f"{kind}/{view}" for kind in ("video", "image") for view in ("plain", "soft", "sharp", "noisy")),
    }


def test_both_members_of_each_pair_are_there(made):
    for part in made:
        assert part.images.shape == (len(part.labels), 64, 64, 3)
        if part.group.startswith("self_blend"):
            assert part.labels.tolist() == [0, 1, 0, 1]


def test_noise_of_real_and_fake_faces_is_of_each_channel_by_itself(made):
    """Noise that is the same in all channels, as compression histories draw it, teaches nothing of a telephone's."""
    plain, noisy = (
        np.concatenate([part.images for part in made if part.group == f"image/{view}"]).astype(float)
        for view in ("plain", "noisy")
    )
    grain = (noisy - plain)[(plain > 40).all(-1) & (plain < 215).all(-1)]
    assert 2 < grain.std() < 12
    assert np.abs(np.corrcoef(grain.T) - np.eye(3)).max() < 0.05


def test_faces_of_other_people_stay_out(made, face_store):
    stored = [s for s in face_store.samples if s.split == "train"]
    shown = sum(len(part.labels) for part in made if part.group.endswith("/plain"))
    assert 0 < shown == len(stored) < len(face_store.samples)


def test_what_websites_do_is_shown_mostly_of_real_people_and_of_fakes_too(face_store):
    """Of real people alone it would teach that a website clears whom it shows."""
    made = list(examples(face_store, TIERS, replace(FEW, websites=True), 64, seed=3))
    labels = {
        number: {int(label) for part in made if part.group == f"websites/{number}" for label in part.labels}
        for number in range(3)
    }
    assert labels == {0: {0}, 1: {0}, 2: {0, 1}}
    people = sum(s.split == "train" and s.label == "real" for s in face_store.samples)
    shown = np.concatenate([part.images for part in made if part.group == "websites/0"])
    assert len(shown) == people
    plain = np.concatenate([part.images[part.labels == 0] for part in made if part.group.endswith("/plain")])
    assert (
        np.abs(np.diff(shown.astype(int), axis=2)).mean() < np.abs(np.diff(plain.astype(int), axis=2)).mean()
    )


def test_each_clip_of_a_tool_weighs_the_same(made, face_store):
    sums = {}
    clips = [s for s in face_store.samples if s.split == "train" and s.kind == "video"]
    weights = np.concatenate([part.weights for part in made if part.group == "video/plain"])
    for sample, weight in zip(clips, weights, strict=True):
        sums.setdefault(sample.method, {}).setdefault(sample.clip, []).append(weight)
    for of_tool in sums.values():
        assert np.ptp([np.sum(of_clip) for of_clip in of_tool.values()]) < 1e-9


def test_the_same_seed_gives_the_same_examples(made, face_store):
    again = examples(face_store, TIERS, FEW, 64, seed=3)
    assert all(np.array_equal(a.images, b.images) for a, b in zip(made, again, strict=True))
    other = list(examples(face_store, replace(TIERS), FEW, 64, seed=4))
    assert any(not np.array_equal(a.images, b.images) for a, b in zip(made, other, strict=True))


def test_enhanced_photographs_are_a_group_of_real_ones(made, face_store, with_copies):
    store = with_copies(face_store, "waifu2x")
    *rest, last = list(examples(store, TIERS, replace(FEW, enhanced=True), 64, seed=3))
    assert [part.group for part in rest] == [part.group for part in made]
    assert last.group == "enhanced"
    assert len(last.labels) == len(store.where(lambda s: s.label == "real" and s.split == "train"))
    assert not last.labels.any()
    assert last.images[:, 24:40, 24:40].min() > 230


def test_enhanced_photographs_that_are_asked_for_must_be_there(face_store):
    with pytest.raises(DataError, match="generate reconstruct"):
        examples(face_store, TIERS, replace(FEW, enhanced=True), 64, seed=3)  # before the first is drawn


def test_real_faces_are_equally_many_of_each_collection(face_store):
    parts = list(real_faces(face_store, 3, 64, seed=1))
    collections = {s.source for s in face_store.samples if s.split == "train" and s.label == "real"}
    assert len(parts) == len(collections)
    assert all(0 < len(part) <= 3 and part.shape[1:] == (64, 64, 3) for part in parts)
    again = list(real_faces(face_store, 3, 64, seed=1))
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))
