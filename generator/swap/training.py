"""The whole way to a swap network: a configuration and faces in, a compiled network and its measurements out.

faces -> lessons and trial -> `networks.train_swap.train` -> `networks.compile_swap` -> how the detector sees it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catchlight.datasets.faces import Store
from catchlight.detector import config as settings
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.media import Sampling
from catchlight.generator.networks.compile_swap import compile_swap
from catchlight.generator.networks.runs import Measured
from catchlight.generator.networks.swap import PEOPLE, SwapConfig
from catchlight.generator.networks.train_swap import TrainConfig, train
from catchlight.generator.swap import frame, identity
from catchlight.generator.swap.faces import Faces, gather, stack
from catchlight.generator.swap.identity import Likeness
from catchlight.generator.swap.lessons import Lessons, ManyLessons, OneShotLessons, PairLessons
from catchlight.generator.swap.reference import references
from catchlight.generator.swap.trial import Trial, one_shot_trial, pair_trial, restored


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Which faces a network learns from."""

    sources: tuple[str, ...] = ()  # collections of the store, for a one-shot network; all without it
    min_width: float = 80.0  # narrower faces (pixels) teach blur
    frames: int = 400  # of each video of a pair's people, evenly spaced
    swaps: int = 40  # held-out swaps that each measurement makes
    borrow: bool = True  # mouths that only one person of a pair shows, put onto the other's pictures


@dataclass(frozen=True, slots=True)
class Plan:
    """A training run."""

    network: SwapConfig = field(default_factory=SwapConfig)
    training: TrainConfig = field(default_factory=TrainConfig)
    data: DataConfig = field(default_factory=DataConfig)


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run left.

    Attributes:
        weights: The best network, to start others from.
        networks: Compiled: ``one_shot``, or ``a`` and ``b``, which draw that person.
        likeness: AUC of the measure of identity on people that it has not seen; None for a pair, which has none.
    """

    weights: Path
    networks: dict[str, Path]
    likeness: float | None


def read_plan(path: Path) -> Plan:
    """Read a configuration (TOML with the tables ``network``, ``training`` and ``data``).

    Raises:
        ConfigError: It can't be read or a setting is wrong.
    """
    tables = {"network": SwapConfig, "training": TrainConfig, "data": DataConfig}
    return Plan(**settings.read_tables(path, tables))


def train_one_shot(
    plan: Plan,
    store: Store,
    out: Path,
    report: Callable[[Measured], None] | None = None,
    start: Path | None = None,
    side: int | None = None,
) -> Trained:
    """Train one network for everybody, or go on with a run that was interrupted.

    Args:
        plan: A plan of a network of kind ``one_shot``.
        store: Real faces; people of its ``val`` split are measured on.
        out: Folder of the run.
        report: Called with each measurement.
        start: Weights of another run to begin with.
        side: Of the faces that the compiled network takes; as trained without it.

    Raises:
        DataError: There are too few faces, or something can't be written.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    _expect(plan, "one_shot")
    data, want = plan.data, plan.network.side
    faces, kept = (gather(store, want, data.sources, split, data.min_width) for split in ("train", "val"))
    lessons = OneShotLessons(faces, kept, plan.training.seed)
    likeness, trust = _likeness(faces, kept)
    trial = one_shot_trial(kept, data.swaps, plan.training.seed, likeness)
    weights = _train(plan, lessons, trial, out, report, start)
    compiled = compile_swap(weights, out / "one_shot.tflite", side=side)
    return Trained(weights, {"one_shot": compiled}, trust)


def train_encoder(
    plan: Plan,
    store: Store,
    out: Path,
    report: Callable[[Measured], None] | None = None,
    start: Path | None = None,
) -> Path:
    """Train the encoder that pairs start with, on many people, or go on with a run that was interrupted.

    Args:
        plan: A plan of a network of kind ``encoder``.
        store: Real faces; people of its ``val`` split are measured on.
        out: Folder of the run.
        report: Called with each measurement.
        start: Weights of another such run to begin with.

    Returns:
        The weights, for `train_pair` to start with.

    Raises:
        DataError: There are too few faces, or something can't be written.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    _expect(plan, "encoder")
    data, want = plan.data, plan.network.side
    faces, kept = (gather(store, want, data.sources, split, data.min_width) for split in ("train", "val"))
    lessons = ManyLessons(faces, kept, plan.training.seed)
    return train(plan.network, plan.training, lessons, out, None, restored(lessons), report, start)


def train_pair(
    plan: Plan,
    a: Path,
    b: Path,
    out: Path,
    report: Callable[[Measured], None] | None = None,
    start: Path | None = None,
) -> Trained:
    """Train a network for two people, or go on with a run that was interrupted.

    Args:
        plan: A plan of a network of kind ``pair``.
        a: A video or a folder of photographs of the first person; in each picture the largest face is theirs.
        b: Likewise, of the second.
        out: Folder of the run.
        report: Called with each measurement, which is of faces of ``b`` drawn into pictures of ``a``.
        start: Weights of another pair's run; its encoder is taken.

    Raises:
        MediaError: A file can't be read.
        DataError: There are too few faces, both are the same, or something can't be written.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    _expect(plan, "pair")
    if a.resolve() == b.resolve():
        raise DataError(f"a swap needs two people, but both are taken from {a}")
    first, second = (faces_of(path, name, plan) for path, name in zip((a, b), PEOPLE, strict=True))
    lessons = PairLessons(first, second, seed=plan.training.seed, borrow=plan.data.borrow)
    kept_a, kept_b = lessons.kept
    trial = pair_trial(kept_a, kept_b, plan.data.swaps, _of_two(lessons.seen))
    weights = _train(plan, lessons, trial, out, report, start)
    return Trained(
        weights, {name: compile_swap(weights, out / f"{name}.tflite", name) for name in PEOPLE}, None
    )


def faces_of(path: Path, name: str, plan: Plan) -> Faces:
    """The faces of one person, from a photograph, a folder or a video.

    Raises:
        MediaError: A file can't be read.
        DataError: There is no usable face.
    """
    found = references(path, Sampling("even", count=plan.data.frames))
    side = plan.network.side
    return stack([frame.cut(r.face.image, r.face.landmarks, side) for r in found], [name] * len(found))


def _train(
    plan: Plan,
    lessons: Lessons,
    trial: Trial,
    out: Path,
    report: Callable[[Measured], None] | None,
    start: Path | None,
) -> Path:
    return train(plan.network, plan.training, lessons, out, trial.measure, trial.sheet, report, start)


def _expect(plan: Plan, kind: str) -> None:
    if plan.network.kind != kind:
        raise ConfigError(
            f"the configuration is of a network of kind {plan.network.kind!r}, expected {kind!r}"
        )


def _likeness(faces: Faces, kept: Faces) -> tuple[Likeness | None, float | None]:
    """The measure of identity and how far it can be trusted; neither where too few people have two pictures."""
    try:
        found = identity.fit(faces)
        return found, found.auc(kept)
    except DataError:
        return None, None


def _of_two(people: Sequence[Faces]) -> Likeness:
    """What tells the two of a pair apart."""
    portraits = [faces.portrait(i) for faces in people for i in range(len(faces))]
    return identity.fit(stack(portraits, [name for faces in people for name in faces.people]))
