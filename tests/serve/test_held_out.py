"""Held-out tracks: real people and their forgeries, in scoring geometry, from the validation split alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.datasets.faces import StoreConfig, make_store
from catchlight.serve.held_out import (
    cleared_kinds,
    held_out_tracks,
    merge_small,
    score_held_out,
    unseen_tools,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory, astronaut):
    from PIL import Image

    source = tmp_path_factory.mktemp("source")
    for number, picture in enumerate((astronaut, astronaut[:, ::-1], np.roll(astronaut, 40, axis=0))):
        Image.fromarray(np.ascontiguousarray(picture)).save(source / f"{number}.png")
    made, _ = make_store([source], tmp_path_factory.mktemp("store"), StoreConfig(keep_duplicates=True))
    sides = ("val", "val", "train")
    samples = tuple(replace(s, split=side) for s, side in zip(made.samples, sides, strict=True))
    return replace(made, samples=samples)


def test_each_real_medium_comes_with_its_forgeries(store):
    tracks = list(held_out_tracks(store, 96, seed=1))
    assert [(t.label, t.family) for t in tracks] == [(0, ""), (1, "self_blend"), (1, "face_swap")] * 2
    assert {t.group for t in tracks} == {s.person for s in store.samples if s.split == "val"}
    assert all(t.crops.shape == (1, 96, 96, 3) and t.crops.dtype == np.uint8 for t in tracks)
    assert not np.array_equal(tracks[0].crops, tracks[1].crops)


def test_frames_of_a_clip_are_forged_from_one_another(store):
    frames = tuple(replace(s, clip="talk", kind="video", identity="her") for s in store.samples)
    tracks = list(held_out_tracks(replace(store, samples=frames), 96, seed=1))
    assert [t.family for t in tracks] == ["", "self_blend", "local_edit", "reenactment"]
    assert {t.kind for t in tracks} == {"video"}
    assert all(t.crops.shape == (2, 96, 96, 3) for t in tracks)
    real = tracks[0].crops.astype(int)
    assert all(np.abs(t.crops - real).mean() > 0.05 for t in tracks[1:])


@pytest.mark.parametrize(("kind", "counts"), [("waifu2x", True), ("esrgan_anime", False)])
def test_a_photograph_that_was_enhanced_is_real_one_that_was_drawn_anew_is_not_there(
    kind, counts, store, with_copies
):
    plain = list(held_out_tracks(store, 96, seed=1))
    tracks = list(held_out_tracks(with_copies(store, kind), 96, 1, [kind]))
    people = [t.group for t in plain if not t.label]
    assert [t.group for t in tracks if not t.label] == (
        sorted(people * 2, key=people.index) if counts else people
    )
    assert [t.family for t in tracks if t.label] == [t.family for t in plain if t.label]
    bright = [t.crops[0, 32:64, 32:64].mean() > 200 for t in tracks if not t.label]
    assert bright == [False, True] * len(people) if counts else not any(bright)


def test_small_families_become_one(store):
    real, blend = list(held_out_tracks(store, 64, seed=1))[:2]
    tracks = [real, *[replace(blend, family="big")] * 3, replace(blend, family="small")]
    merged = merge_small(tracks, least=2)
    assert [t.family for t in merged] == ["", "big", "big", "big", "rare_tools"]


def test_tracks_follow_from_the_seed(store):
    first, second, other = ([t.crops for t in held_out_tracks(store, 64, seed=s)] for s in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_scores_carry_the_truth_along(store):
    tracks = list(held_out_tracks(store, 64, seed=1))
    samples = score_held_out(tracks, lambda crops: crops.mean(axis=(1, 2, 3)) / 255)
    assert [s.label for s in samples] == [t.label for t in tracks]
    assert all(0 < s.scores[0] < 1 for s in samples)


def test_tools_that_training_has_not_seen_are_marked_and_frames_of_clips_are_photographs_too(store):
    def of(sample, **changes):
        return replace(sample, kind="video", split="val", **changes)

    her, tool, known = store.samples
    samples = (
        of(her, clip="talk", identity="her"),
        of(tool, clip="made", label="fake", method="new"),
        of(known, clip="old", label="fake", method="old"),
    )
    seen = replace(store, samples=(*samples, replace(samples[2], split="train")))
    assert unseen_tools(seen) == {"new"}
    tracks = list(held_out_tracks(seen, 64, seed=1))
    told = [(t.kind, t.label, t.unseen) for t in tracks if t.family in ("", "new", "old")]
    real = [("video", 0, False), ("image", 0, True)]
    assert told == [*real, ("video", 1, True), ("image", 1, True), ("video", 1, False)]
    assert [t.family for t in merge_small(tracks)].count("new") == 2


def test_a_kind_is_cleared_by_enough_media_by_unseen_tools_not_by_a_few(store):
    """Eight pictures can't tell whether a tenth of the forgeries would pass as real."""
    fake = replace(store.samples[1], split="val", label="fake", kind="image", clip="")

    def holding(number, **changes):
        pictures = tuple(replace(fake, path=f"{i}.png", method="new", **changes) for i in range(number))
        return replace(store, samples=pictures)

    assert cleared_kinds(holding(28)) == frozenset()
    assert cleared_kinds(holding(29)) == {"image"}
    assert cleared_kinds(holding(40, clip="one", kind="video")) == frozenset(), (
        "frames of a clip are one medium"
    )
    assert cleared_kinds(holding(29, split="train")) == frozenset()


def test_people_of_collections_of_video_frames_count_as_people_on_video_too(store):
    collection = store.samples[0].source
    plain, with_video = (
        [(t.kind, t.label, t.group) for t in held_out_tracks(store, 64, 1, video_collections=names)]
        for names in ((), (collection,))
    )
    added = [told for told in with_video if told[0] == "video"]
    assert [told for told in with_video if told[0] == "image"] == plain
    assert added == [("video", 0, group) for kind, label, group in plain if not label]
