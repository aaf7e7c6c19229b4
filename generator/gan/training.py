"""The whole way to a generator: a configuration and a store in; a compiled generator, sheets and measurements out.

store -> `adults` -> faces and trial -> `networks.train_gan.train` -> compiled generator, samples, sheets
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from catchlight.datasets.faces import Store
from catchlight.detector import config as settings
from catchlight.detector.errors import DataError
from catchlight.generator.gan import adults, pool, trial
from catchlight.generator.gan.adults import Ages
from catchlight.generator.gan.distance import Copies
from catchlight.generator.gan.features import features_by
from catchlight.generator.gan.maker import FaceMaker
from catchlight.generator.networks import gan, run_log, tflite
from catchlight.generator.networks.gan import GanConfig
from catchlight.generator.networks.runs import Course, Measured
from catchlight.generator.networks.train_gan import Rules, train
from catchlight.generator.swap.faces import Faces, gather

# Faces, and people among them, under which a generator can only repeat what it was shown.
LEAST, PEOPLE = 64, 16
COMPILED = "gan.tflite"


@dataclass(frozen=True, slots=True)
class DataConfig:
    """Which faces a generator learns from."""

    sources: tuple[str, ...] = ()  # collections of the store that hold adults only; must be named
    min_width: float = 80.0  # narrower faces (pixels) teach blur
    made: int = 400  # faces that each measurement makes


@dataclass(frozen=True, slots=True)
class Plan:
    """A training run."""

    network: GanConfig = field(default_factory=GanConfig)
    rules: Rules = field(default_factory=Rules)
    training: Course = field(default_factory=Course)
    data: DataConfig = field(default_factory=DataConfig)


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run left.

    Attributes:
        weights: The best generator.
        network: It compiled; beside it lies its pool of faces.
        copies: Whether it repeats faces of training.
        ages: What is known of the ages of those.
        faces: Number of training faces.
    """

    weights: Path
    network: Path
    copies: Copies
    ages: Ages
    faces: int


def read_plan(path: Path) -> Plan:
    """Read a configuration (TOML with the tables ``network``, ``rules``, ``training`` and ``data``).

    Raises:
        ConfigError: It can't be read or a setting is wrong.
    """
    tables = {"network": GanConfig, "rules": Rules, "training": Course, "data": DataConfig}
    return Plan(**settings.read_tables(path, tables))


def train_gan(
    plan: Plan,
    store: Store,
    out: Path,
    backbone: Path | None = None,
    report: Callable[[Measured], None] | None = None,
) -> Trained:
    """Train a generator of faces, or go on with a run that was interrupted.

    Args:
        plan: How.
        store: Real faces; those of its ``val`` split are measured against.
        out: Folder of the run.
        backbone: ImageNet weights of MobileNetV2, by whose features is measured; fixed random ones without it.
        report: Called with each measurement.

    Raises:
        DataError: There are too few faces or people, or something can't be written.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    grown, ages = adults.adults(store, plan.data.sources)
    faces, kept = (
        gather(grown, plan.network.side, (), split, plan.data.min_width) for split in ("train", "val")
    )
    _check(faces, kept)
    measure = features_by(backbone)
    held = trial.trial(
        faces.images, kept.images, measure, plan.network.latent, plan.data.made, plan.training.seed
    )
    weights = train(
        plan.network, plan.rules, plan.training, faces.images, out, held.measure, held.sheet, report
    )
    model, _ = gan.load(weights)
    held.keep_samples(model, out)
    neighbours, found = held.neighbours(model)
    compiled = compile_generator(weights, out / COMPILED)
    draw = FaceMaker(compiled)
    run_log.show(out / "neighbours.png", neighbours)
    run_log.show(out / "walks.png", trial.walks(draw, plan.training.seed))
    run_log.show(out / "truncations.png", trial.truncations(draw, plan.training.seed))
    pool.save(pool.make(draw), pool.path_of(compiled))
    return Trained(weights, compiled, found, ages, len(faces))


def compile_generator(weights: Path, out: Path) -> Path:
    """Compile what a run left. Needs TensorFlow, whatever backend trained the network.

    Raises:
        BundleError: The weights can't be read.
        DataError: The file can't be written.
    """
    model, config = gan.load(weights)
    return tflite.write(model, [(1, config.latent)], out)


def _check(faces: Faces, kept: Faces) -> None:
    people = len(set(faces.people))
    if len(faces) < LEAST or people < PEOPLE:
        raise DataError(
            f"{len(faces)} faces of {people} people are too few: a generator would learn them by heart. Expected "
            f"{LEAST} faces of {PEOPLE} people at least, and thousands to be good"
        )
    if len(kept) < 2:
        raise DataError(
            f"{len(kept)} held-out faces are too few to measure by; expected 2 at least in the store's split val"
        )
