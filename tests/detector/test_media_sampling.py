"""The plan: which packets of an hour must be decoded."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.media_sampling import Sampling, Timeline, choose, spans


def timeline(count, rate=30.0, gop=250):
    """Frames shown in the order of decoding, a key frame at the head of each group of pictures."""
    return Timeline(np.arange(count) / rate, np.arange(count) % gop == 0, np.ones(count, bool))


def cost(line, chosen):
    return sum(stop - start for start, stop in spans(line, chosen))


def test_an_hour_costs_a_few_key_frames():
    hour = timeline(3600 * 30)
    chosen = choose(hour, Sampling())
    assert len(chosen) == 32
    assert cost(hour, chosen) == 32
    assert np.diff(chosen).max() < 1.2 * 3600 * 30 / 32


def test_an_hour_by_even_frames_costs_a_few_groups_of_pictures():
    hour = timeline(3600 * 30)
    chosen = choose(hour, Sampling("even"))
    assert len(chosen) == 32
    assert cost(hour, chosen) < 32 * 250
    for position in chosen:
        assert any(start <= position < stop and start % 250 == 0 for start, stop in spans(hour, chosen))


@pytest.mark.parametrize(("gop", "same_as"), [(10, "key"), (250, "even")])
def test_auto_depends_on_the_distance_of_key_frames(gop, same_as):
    clip = timeline(300, gop=gop)
    assert choose(clip, Sampling()).tolist() == choose(clip, Sampling(same_as)).tolist()


def test_key_frames_of_one_end_are_not_enough():
    clip = timeline(3000, gop=3000)
    clip.keys[:100] = True
    assert choose(clip, Sampling()).tolist() == choose(clip, Sampling("even")).tolist()
    assert len(choose(clip, Sampling("key"))) <= 2


@pytest.mark.parametrize("count", [1, 2, 5, 31, 32, 33, 1000])
def test_even_is_spread_over_the_whole_clip(count):
    chosen = choose(timeline(count), Sampling("even"))
    assert len(chosen) == min(count, 32)
    gaps = np.diff(chosen)
    assert len(gaps) == 0 or gaps.max() <= gaps.min() + 1
    assert chosen[0] <= count / 32
    assert count - 1 - chosen[-1] <= count / 32


def test_a_picture_before_its_key_frame_needs_the_group_before():
    # Decoded as I P I b: the last one is shown before the second key frame and leans on both.
    line = Timeline(np.array([0, 1, 3, 2]) / 30, np.array([True, False, True, False]), np.ones(4, bool))
    assert spans(line, np.array([3])) == [(0, 4)]
    assert spans(line, np.array([2])) == [(2, 3)]
    assert spans(line, np.array([2, 3])) == [(0, 4)]


def test_what_is_not_shown_is_never_chosen():
    line = timeline(100)
    line.shown[:40] = False
    for policy in ("even", "dense"):
        assert choose(line, Sampling(policy)).min() >= 40


def test_a_wild_rate_costs_no_memory():
    line = Timeline(np.array([0.0, 14_000.0]), np.array([True, True]), np.ones(2, bool))
    assert choose(line, Sampling("dense", rate=1e9)).tolist() == [0, 1]


@pytest.mark.parametrize("policy", ["auto", "key", "even", "dense"])
def test_of_a_part_only_its_packets_are_chosen(policy):
    hour = timeline(3600 * 30)
    part = Sampling(policy, rate=12.5, max_frames=750, start=3000.0, stop=3010.0)
    chosen = choose(hour, part)
    times = hour.times[chosen]
    assert 3000.0 <= times.min() < 3001.0
    assert 3009.0 < times.max() < 3010.0 or policy == "key"
    assert len(chosen) == {"auto": 32, "key": 2, "even": 32, "dense": 125}[policy]
    assert cost(hour, chosen) <= 700


def test_of_a_long_part_the_middle_is_watched_densely():
    hour = timeline(3600 * 30)
    times = hour.times[choose(hour, Sampling("dense", rate=10, max_frames=100, start=600.0))]
    assert np.median(times) == pytest.approx((600 + 3600) / 2, abs=1)
    assert len(times) == 100


def test_where_a_part_has_no_packets_none_are_chosen():
    assert len(choose(timeline(100), Sampling(start=60.0))) == 0
