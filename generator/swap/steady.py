"""Landmarks of a clip made steady: no lag, no jitter, and no smoothing across cuts and gaps.

Two parts, smoothed apart (Savitzky & Golay, 1964): where the face lies (shift, turn, scale), which moves slowly, and
what its features do within it, which blinks and speech move fast. The whole clip is at hand, so nothing lags as it does
in filters that know the past alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Points
from catchlight.generator.swap import frame
from catchlight.generator.warp import Affine, moved

POSE, FEATURES = 11, 5  # frames that are looked at together, odd
ORDER = 2  # of the polynomial: keeps speed and its change
FILLED = 3  # frames without a face that are bridged


@dataclass(frozen=True, slots=True)
class Placed:
    """A face in one frame of a clip.

    Attributes:
        landmarks: float32, shape (478, 2), pixels of the frame, steady.
        by: The map from the frame to the network's frame of side 1.
        jitter: Distance of the landmarks as found from the steady ones, root mean square, in heights of the face.
        bridged: Whether nothing was found here, and its neighbours tell.
    """

    landmarks: Points
    by: Affine
    jitter: float
    bridged: bool = False


def steady(found: Sequence[Points | None], cuts: Sequence[int] = ()) -> list[Placed | None]:
    """Smooth one person's landmarks over a clip.

    Args:
        found: For each frame the landmarks, float32 (478, 2), or None where the person was not found.
        cuts: Numbers of the frames that begin a new shot.

    Returns:
        For each frame where the face is, None where it is not; gaps of up to `FILLED` frames are bridged.
    """
    placed: list[Placed | None] = [None] * len(found)
    for run in _runs(found, set(cuts)):
        known = [i for i in run if found[i] is not None]
        points = np.stack([p for p in (found[i] for i in known) if p is not None]).astype(np.float64)
        filled = _bridged(points, known, run)
        for index, smooth, raw in zip(run, _smoothed(filled), filled, strict=True):
            off = float(np.sqrt(np.square(smooth.landmarks - raw).sum(axis=1).mean()) / _height(smooth.by))
            placed[index] = Placed(smooth.landmarks, smooth.by, off, found[index] is None)
    return placed


def at_side(by: Affine, side: int) -> Affine:
    """A map to the network's frame of side 1 as one to its frame in pixels."""
    return by * side


def _runs(found: Sequence[Points | None], cuts: set[int]) -> list[list[int]]:
    """Stretches of frames with the person, in one shot, gaps of up to `FILLED` frames among them."""
    runs: list[list[int]] = []
    for index in (i for i, points in enumerate(found) if points is not None):
        last = runs[-1][-1] if runs else -1
        near = bool(runs) and index - last <= FILLED + 1 and not cuts & set(range(last + 1, index + 1))
        if near:
            runs[-1].extend(range(last + 1, index + 1))
        else:
            runs.append([index])
    return runs


def _bridged(points: NDArray[np.float64], known: list[int], run: list[int]) -> NDArray[np.float64]:
    flat = points.reshape(len(points), -1)
    if len(known) == len(run):
        return points
    filled = np.stack([np.interp(run, known, column) for column in flat.T], axis=1)
    return filled.reshape(len(run), *points.shape[1:])


def _smoothed(points: NDArray[np.float64]) -> list[Placed]:
    poses = np.stack([frame.matrix(p.astype(np.float32), 1) for p in points])
    steady_poses = _filtered(poses.reshape(len(points), -1), POSE).reshape(poses.shape)
    within = np.stack([p @ m[:, :2].T + m[:, 2] for p, m in zip(points, poses, strict=True)])
    features = _filtered(within.reshape(len(points), -1), FEATURES).reshape(within.shape)
    return [
        Placed(moved(shape, _inverse(by)), by, 0.0) for shape, by in zip(features, steady_poses, strict=True)
    ]


def _filtered(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    from scipy.signal import savgol_filter

    window = min(window, len(values) - 1 + len(values) % 2)
    if window <= ORDER + 1:
        return values
    return np.asarray(savgol_filter(values, window, ORDER, axis=0, mode="interp"))


def _inverse(by: Affine) -> Affine:
    linear = np.linalg.inv(by[:, :2])
    return np.column_stack([linear, -linear @ by[:, 2]])


def _height(by: Affine) -> float:
    """Height of the face in pixels."""
    return float(frame.FILL / max(np.hypot(by[0, 0], by[1, 0]), 1e-9))
