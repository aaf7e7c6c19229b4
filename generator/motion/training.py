"""The whole way to a motion network: a configuration, clips and stills in; a compiled network and its errors out.

clips, store -> moments -> lessons and trial -> `networks.train_motion.train` -> compiled network
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from catchlight.datasets.faces import Store
from catchlight.detector import config as settings
from catchlight.detector.errors import ConfigError
from catchlight.generator.gan.adults import adults
from catchlight.generator.motion import keypoints, moments, trial
from catchlight.generator.motion.lessons import MotionLessons
from catchlight.generator.motion.moments import Moments
from catchlight.generator.motion.trial import Errors
from catchlight.generator.networks import motion, tflite
from catchlight.generator.networks.motion import MotionConfig
from catchlight.generator.networks.runs import Course, Measured
from catchlight.generator.networks.train_motion import train
from catchlight.generator.types import Portrait

COMPILED = "motion.tflite"


@dataclass(frozen=True, slots=True)
class DataConfig:
    """What a network learns from."""

    moments: int = 16  # of each clip, evenly spaced
    sources: tuple[str, ...] = ()  # collections of the store, adults only, whose stills are set in motion
    stills: int = 1500  # at most, drawn from them
    min_width: float = 80.0  # narrower faces (pixels) of stills teach blur


@dataclass(frozen=True, slots=True)
class Plan:
    """A training run."""

    network: MotionConfig = field(default_factory=MotionConfig)
    training: Course = field(default_factory=Course)
    data: DataConfig = field(default_factory=DataConfig)


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run left.

    Attributes:
        weights: The best network.
        network: It compiled.
        errors: Its errors on held-out clips.
        copied: Errors of copying the source there.
        warped: Errors of a plain warp by landmarks.
        clips: Clips that it learned from, held-out ones, and those that were left out.
    """

    weights: Path
    network: Path
    errors: Errors
    copied: Errors
    warped: Errors
    clips: tuple[int, int, int]


def read_plan(path: Path) -> Plan:
    """Read a configuration (TOML with the tables ``network``, ``training`` and ``data``).

    Raises:
        ConfigError: It can't be read or a setting is wrong.
    """
    tables = {"network": MotionConfig, "training": Course, "data": DataConfig}
    plan = Plan(**settings.read_tables(path, tables))
    if plan.network.points != len(keypoints.PARTS):
        raise ConfigError(f"{path}: points must be {len(keypoints.PARTS)}, received {plan.network.points}")
    return plan


def train_motion(
    plan: Plan,
    clips: Path,
    out: Path,
    store: Store | None = None,
    report: Callable[[Measured], None] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Trained:
    """Train a motion network, or go on with a run that was interrupted.

    Args:
        plan: How.
        clips: Folder of clips, each of one person before a camera; about a fifth is held out, by name.
        out: Folder of the run.
        store: Real faces, whose stills are set in motion; None learns from clips alone.
        report: Called with each measurement.
        progress: Called with the name of each clip as it is read.

    Raises:
        DataError: There are too few usable clips, or something can't be written.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    side, count = plan.network.side, plan.data.moments
    seen, kept = (moments.from_clips(clips, side, count, held, progress) for held in (False, True))
    pictures = _stills(plan, store) if store else ()
    lessons = MotionLessons(Moments(seen.clips, pictures), side)
    held = trial.trial(kept)
    weights = train(plan.network, plan.training, lessons, out, held.measure, held.sheet, report)
    model, _config = motion.load(weights)
    compiled = compile_motion(weights, out / COMPILED)
    found = trial.errors(held.pairs, trial.drawn(model, held.pairs))
    dropped = len(seen.dropped) + len(kept.dropped)
    return Trained(
        weights, compiled, found, held.copied, held.warped, (len(seen.clips), len(kept.clips), dropped)
    )


def compile_motion(weights: Path, out: Path) -> Path:
    """Compile what a run left. Needs TensorFlow, whatever backend trained the network.

    Raises:
        BundleError: The weights can't be read.
        DataError: The file can't be written.
    """
    model, config = motion.load(weights)
    side, points = config.side, config.points
    shapes = [(1, side, side, 3), (1, points, 6), (1, points, 2), (1, side, side, 1)]
    return tflite.write(model, shapes, out)


def _stills(plan: Plan, store: Store) -> tuple[Portrait, ...]:
    known, _ = adults(store, plan.data.sources)
    chosen = known.where(lambda s: s.split == "train" and s.face_width >= plan.data.min_width)
    order = np.random.default_rng(plan.training.seed).permutation(len(chosen))[: plan.data.stills]
    return moments.stills(known, [chosen[int(i)] for i in order], plan.network.side)
