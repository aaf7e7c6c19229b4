import numpy as np
import pytest

from catchlight.generator.swap import frame
from catchlight.generator.swap.steady import at_side, steady


def walk(count, noise=0.0):
    """A face that drifts to the right: as it is, and as it is found."""
    rng, mean = np.random.default_rng(1), np.vstack([frame.mean_face(), frame.mean_face()[:10]])
    still = [mean * 100 + (100 + 2 * i, 120) for i in range(count)]
    return still, [(p + rng.normal(0, noise, p.shape)).astype(np.float32) for p in still]


def bumps(values):
    return np.abs(np.diff(values, 2, axis=0)).mean()


def test_jitter_is_taken_away_and_motion_kept():
    still, found = walk(30, noise=1.5)
    placed = steady(found)
    off = np.mean([np.abs(p.landmarks - s).mean() for p, s in zip(placed, still, strict=True)])
    assert off < 0.8 * np.mean([np.abs(a - b).mean() for a, b in zip(found, still, strict=True)])
    assert bumps([p.by for p in placed]) < 0.4 * bumps([frame.matrix(p, 1) for p in found])
    assert placed[10].jitter > 0.005


def test_a_steady_face_stays_as_it_is():
    still, found = walk(20)
    placed = steady(found)
    assert placed[7].landmarks == pytest.approx(still[7], abs=0.05)
    assert placed[7].jitter < 1e-3
    assert at_side(placed[7].by, 64) == pytest.approx(frame.matrix(found[7], 64), abs=1e-2)


def test_short_gaps_are_bridged_and_long_ones_are_not():
    _, found = walk(20)
    found[5] = found[6] = None
    found[10:15] = [None] * 5
    placed = steady(found)
    assert [i for i, p in enumerate(placed) if p is None] == [10, 11, 12, 13, 14]
    assert [p.bridged for p in placed[4:8]] == [False, True, True, False]
    assert placed[5].landmarks[:, 0].mean() == pytest.approx(found[4][:, 0].mean() + 2, abs=0.1)


def test_nothing_is_smoothed_across_a_cut():
    _, found = walk(20)
    found[10:] = [p + np.float32((300, 0)) for p in found[10:]]
    placed = steady(found, cuts=(10,))
    for number in (9, 10):
        assert placed[number].landmarks == pytest.approx(found[number], abs=0.05)


def test_few_frames_are_left_as_they_are():
    _, found = walk(2, noise=1)
    assert steady(found)[0].landmarks == pytest.approx(found[0], abs=0.05)
    assert steady([None, None]) == [None, None]
