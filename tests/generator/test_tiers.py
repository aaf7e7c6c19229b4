"""Tiers: shares of a batch by configuration; what the store can't feed is an error."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from catchlight.datasets.batches import batch
from catchlight.detector.errors import DataError, UnknownName
from catchlight.generator.tiers import TIERS, TierConfig, training_tiers, validation_set


def test_unknown_tier_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="unknown tier 'self_blends'; did you mean 'self_blend'"):
        TierConfig(pairs={"self_blends": 3})


def test_shares_are_as_configured(face_store):
    config = TierConfig(pairs={"self_blend": 3, "known_images": 1, "known_frames": 2, "reconstruction": 0})
    tiers = training_tiers(face_store, config)
    assert [(tier.name, tier.pairs) for tier in tiers] == [
        ("self_blend", 3),
        ("known_images", 1),
        ("known_frames", 2),
    ]
    images, targets = batch(tiers, 64, "a")
    assert images.shape == (12, 64, 64, 3)
    assert np.isfinite(targets["heatmap"]).all()


def test_a_swap_needs_two_people_and_motion_a_clip(face_store):
    alone = replace(
        face_store, samples=tuple(replace(s, identity="one", clip="") for s in face_store.samples)
    )
    with pytest.raises(DataError, match="at least two people, received 1"):
        training_tiers(alone, TierConfig(pairs={"face_swap": 1}))
    for tier in ("local_edit", "reenactment"):
        with pytest.raises(DataError, match="no clip of real people with two frames"):
            training_tiers(alone, TierConfig(pairs={tier: 1}))


def test_swaps_and_motion_come_in_pairs_that_differ(face_store):
    reals = [i for i, s in enumerate(face_store.samples) if s.label == "real"]
    samples = list(face_store.samples)
    for place, index in enumerate(reals):  # two people before cameras, two frames each
        samples[index] = replace(
            samples[index], identity=f"p{place % 2}", clip=f"c{place % 2}", split="train", kind="video"
        )
    store = replace(face_store, samples=tuple(samples))
    config = TierConfig(pairs={"face_swap": 2, "local_edit": 2, "reenactment": 2}, histories=0.0)
    images, targets = batch(training_tiers(store, config), 96, "a", config.histories)
    apart = np.abs(images[0::2].astype(int) - images[1::2]).mean(axis=(1, 2, 3))
    assert (apart > 0.02).all()
    covered = targets["heatmap"][1::2].mean(axis=(1, 2, 3))
    assert (covered[4:] == 1).all()  # reenactment replaces everything
    assert (covered[:4] < 0.9).all()


@pytest.mark.parametrize("tier", ["autoencoder_swap", "gan_face", "motion"])
def test_networks_that_come_with_the_package_make_tiers(tier, face_store):
    reals = [i for i, s in enumerate(face_store.samples) if s.label == "real"]
    samples = list(face_store.samples)
    for place, index in enumerate(reals):
        samples[index] = replace(
            samples[index], identity=f"p{place % 2}", clip=f"c{place % 2}", split="train", kind="video"
        )
    store = replace(face_store, samples=tuple(samples))
    images, targets = batch(training_tiers(store, TierConfig(pairs={tier: 2}, histories=0.0)), 96, "a", 0.0)
    apart = np.abs(images[0::2].astype(int) - images[1::2])
    changed = targets["heatmap"][1::2] > 0
    assert (apart.mean(axis=(1, 2, 3)) > 0.02).all()
    assert 0.05 < changed.mean() <= 1


@pytest.mark.parametrize(
    ("tier", "kind"),
    [
        ("reconstruction", r"store\d*$"),
        ("reconstruction_blend", r"store\d*$"),
        ("restoration", "--kind esrgan "),
        ("restoration_blend", "--kind esrgan "),
    ],
)
def test_missing_reconstructions_say_how_to_make_them(tier, kind, face_store):
    with pytest.raises(DataError, match="catchlight generate reconstruct") as error:
        training_tiers(face_store, TierConfig(pairs={tier: 1}))
    assert re.search(kind, str(error.value).strip("`"))


@pytest.mark.parametrize(
    "tier", ["reconstruction", "reconstruction_blend", "restoration", "restoration_blend"]
)
def test_copies_by_own_and_by_foreign_networks_are_tiers_apart(tier, face_store, tmp_path):
    shade = {"bl8": 10, "esrgan": 240}  # each kind's copies are of one grey
    for kind, grey in shade.items():
        for sample in face_store.samples:
            path = (tmp_path / "reconstructions" / kind / sample.path).with_suffix(".png")
            path.parent.mkdir(parents=True, exist_ok=True)
            height, width = cv2.imread(str(face_store.folder / sample.path)).shape[:2]
            cv2.imwrite(str(path), np.full((height, width, 3), grey, np.uint8))
    (tmp_path / "images").symlink_to(face_store.folder / "images")
    store = replace(face_store, folder=tmp_path)
    images, _ = batch(training_tiers(store, TierConfig(pairs={tier: 4}, histories=0.0)), 64, "a", 0.0)
    fakes = images[1::2, 28:36, 28:36].mean()
    assert fakes < 90 if tier.startswith("reconstruction") else fakes > 170


def test_no_pairs_at_all_is_an_error(face_store):
    with pytest.raises(DataError, match="no tier has any pairs"):
        training_tiers(face_store, TierConfig(pairs=dict.fromkeys(TIERS, 0)))


def test_validation_shows_held_out_faces_by_family(face_store):
    config = TierConfig(pairs={"self_blend": 2, "known_frames": 1}, validation_batches=2)
    made = validation_set(face_store, config, 64, seed=1)
    assert made.images.shape == (12, 64, 64, 3)
    assert made.labels.tolist() == [0, 1] * 6
    assert made.families.tolist() == (["self_blend"] * 4 + ["known_frames"] * 2) * 2
    again = validation_set(face_store, config, 64, seed=1)
    assert np.array_equal(made.images, again.images)
    assert not np.array_equal(made.images, validation_set(face_store, config, 64, seed=2).images)


@pytest.fixture
def reconstructed(face_store):
    """The store with reconstructions of two kinds: a black and a white one."""
    import shutil

    import cv2

    folder = face_store.folder / "reconstructions"
    for kind, level in (("dark", 0), ("light", 255)):
        for index, sample in enumerate(face_store.samples):
            path = (folder / kind / sample.path).with_suffix(".png")
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.full_like(face_store.image(index), level))
    yield face_store
    shutil.rmtree(folder)


def test_held_out_kinds_are_shown_in_validation_only(reconstructed):
    config = TierConfig({"reconstruction": 4}, held_out_kinds=("light",), histories=0.0, validation_batches=1)
    trained, _ = batch(training_tiers(reconstructed, config), 64, "a", histories=0.0)
    validated = validation_set(reconstructed, config, 64, seed=1)
    assert trained[1::2].max() == 0
    assert validated.images[1::2].min() == 255
