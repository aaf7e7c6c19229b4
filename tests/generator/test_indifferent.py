"""Real people who differ by what must not count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.datasets.faces import Store
from catchlight.datasets.skin_tone import skin_tone
from catchlight.detector.errors import DataError, UnknownName
from catchlight.detector.models.indifference import LEAST
from catchlight.generator.indifferent import HANDLINGS, NAMES, TRAITS, varied


@pytest.fixture(scope="module")
def people(face_store):
    """As many photographs of real people as are needed, of two collections; one is too small."""
    real = face_store.where(lambda s: s.split == "train" and s.label == "real" and s.kind == "image")[0]
    held = face_store.where(lambda s: s.split == "val" and s.label == "real")[0]
    sample = replace(face_store.samples[real], source="studio")
    samples = [sample] * LEAST + [replace(sample, source="street")] * (LEAST - 1)
    samples += [replace(face_store.samples[held], source="studio")] * LEAST
    return Store(face_store.folder, tuple(samples), np.stack([face_store.landmarks[real]] * len(samples)))


@pytest.fixture(scope="module")
def parts(people):
    return list(varied(people, NAMES, 64, seed=1))


def of_name(parts, name):
    """Images and amounts of those that take part."""
    found = [
        (part.images, part.amounts[f"image/{name}"], ~np.isnan(part.amounts[f"image/{name}"]))
        for part in parts
    ]
    return (np.concatenate([each[k][each[2]] for each in found]) for k in (0, 1))


@pytest.mark.parametrize("name", HANDLINGS)
def test_a_handling_comes_as_faces_without_and_with_it(parts, name):
    images, amounts = of_name(parts, name)
    without, handled = images[amounts == 0].astype(int), images[amounts == 1]
    assert len(without) == len(handled) == LEAST
    assert (np.abs(without - handled).mean((1, 2, 3)) > 0.5).all()


@pytest.mark.parametrize("name", TRAITS)
def test_a_trait_is_measured_on_faces_as_they_are(parts, name):
    images, amounts = of_name(parts, name)
    tone = skin_tone(images[0])
    assert amounts.tolist() == [{"skin tone": tone.angle, "lightness": tone.lightness}[name]] * LEAST
    without, _ = of_name(parts, "dark")
    assert np.array_equal(images[0], without[0])


def test_collections_that_are_too_small_and_other_splits_stay_out(parts):
    assert {source for part in parts for source in part.alike} == {"studio"}
    assert sum(len(part.images) for part in parts) == LEAST * (1 + len(HANDLINGS))


def test_stills_and_video_are_apart(people):
    frames = tuple(replace(sample, kind="video", clip="one") for sample in people.samples)
    both = Store(people.folder, people.samples + frames, np.concatenate([people.landmarks] * 2))
    names = {name for part in varied(both, ["dark", "lightness"], 64, seed=1) for name in part.amounts}
    assert names == {f"{kind}/{name}" for kind in ("image", "video") for name in ("dark", "lightness")}


def test_one_seed_gives_the_same_faces(people):
    one, same, other = (list(varied(people, ["colour noise"], 64, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(one[0].images, same[0].images)
    assert not np.array_equal(one[0].images, other[0].images)


def test_a_name_that_nobody_knows_is_told_at_once(people):
    with pytest.raises(UnknownName, match="did you mean 'skin tone'"):
        varied(people, ["skin_tone"], 64, seed=1)


def test_a_store_without_enough_people_is_told_at_once(face_store):
    with pytest.raises(DataError, match=f"has {LEAST} real faces"):
        varied(face_store, NAMES, 64, seed=1)
