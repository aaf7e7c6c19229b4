"""Training: batches -> a trained network, resumable, on any Keras backend.

The loop itself is Keras'. What is added here: a schedule that steps at every batch, an average of the weights over
time, validation by family of forgery, a log that a person and a program can read, and a stop by itself.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import metrics, pair_loss
from catchlight.detector.errors import ConfigError, TrainingError
from catchlight.detector.models import zoo
from catchlight.detector.types import Pixels

NetworkName = Literal["mobilenet", "mobilenet_textured", "mobilenet_chromatic", "efficientnet_lite0", "meso"]
IMAGENET = "imagenet"
BEST, LOG, STATE, CONFIG = "best.weights.h5", "log.jsonl", "state", "config.json"


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a network is trained; every default is commented."""

    network: NetworkName = "mobilenet"
    side: int = 192  # input in pixels; faces in web clips are about 120 px wide, so more is interpolation
    # ImageNet's weights: a path, or "imagenet" for an installed package's; empty starts at random, with a warning.
    backbone_weights: str = ""
    initial_weights: str = (
        ""  # path of weights of the same network to start from (a run at another side, say)
    )
    # Of `steps` steps each; validation, checkpoint and log come after each. 0 takes the initial weights as they are.
    epochs: int = 30
    steps: int = 100
    learning_rate: float = 4e-4  # peak; linear warm-up, then a cosine to a hundredth
    warmup: int = 150  # steps
    weight_decay: float = 1e-4
    train_from: str = "block_3_expand"  # layers before it stay as they are; empty trains all of them
    train_batch_norm: bool = False  # off: pre-trained statistics stay, which is 1.6 times faster on CPU
    heatmap_weight: float = 0.5  # weight of the loss of the mask, beside the score's
    # Over 0: rank each fake above its own real picture and hold real pictures at one level, with this weight
    # (`pair_loss.anchored`); 0 trains by cross-entropy.
    anchor: float = 0.0
    # A bundle (name or folder) whose probabilities are the labels of training, so that one network learns what several
    # say together; empty trains by the truth. Validation always goes by the truth.
    teacher: str = ""
    near_view: float = 0.0  # the bundle looks twice, the second time at this share of the crop; 0 looks once
    # Weights of the network that this one was trained on from; what was trained is moved towards them by
    # `mix_share`, which keeps more of what they knew (detector/models/mixed.py); empty leaves it as it is.
    mix_with: str = ""
    mix_share: float = 0.5
    beside: str = ""  # weights of another network; the bundle holds both, and their mean judges
    beside_network: str = ""  # which network those are of; empty for the same as `network`
    # Forms of the compiled network that the bundle holds: both, or the one that judges where two are too large to ship.
    form: Literal["both", "float", "int8"] = "both"
    # Which epoch's weights are kept: the best by validation, or the last, where validation is too small to tell
    # neighbours apart and the learning rate has come down.
    keep: Literal["best", "last"] = "best"
    ema: float = 0.99  # momentum of the running average of weights, which is what is validated and kept
    patience: int = 12  # epochs without a better validation before it stops
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.mix_share <= 1:
            raise ConfigError(f"mix_share must be from 0 to 1, received {self.mix_share}")
        if self.anchor and self.teacher:
            raise ConfigError("anchor ranks by the truth and teacher replaces it; set one of the two only")


@dataclass(frozen=True, slots=True)
class ValidationSet:
    """Held-out crops, by family of forgery.

    Attributes:
        images: uint8, shape (n, side, side, 3); real and fake in turns.
        labels: 0 or 1, shape (n,).
        families: The family that each belongs to, a pair's real member included.
    """

    images: Pixels
    labels: NDArray[np.int64]
    families: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is, after an epoch."""

    epoch: int
    epochs: int
    loss: float
    auc: dict[str, float]
    mean_auc: float
    seconds: float


def build(config: TrainConfig) -> Any:
    """Build the network that a configuration names, with its initial weights."""
    weights = _backbone(config)
    # Some are loaded when training has ended only; that they are absent must be told before.
    for path in (
        weights,
        *(Path(name) for name in (config.initial_weights, config.mix_with, config.beside) if name),
    ):
        if path is not None and not path.is_file():
            raise ConfigError(f"weights {path} do not exist; leave the setting out to do without")
    model = zoo.builder(config.network)(config.side, weights)
    if config.initial_weights:
        model.load_weights(config.initial_weights)
    if weights or config.initial_weights:  # what starts at random must all be trained
        _freeze(model, config)
    return model


def _backbone(config: TrainConfig) -> Path | None:
    if config.backbone_weights == IMAGENET:
        return zoo.imagenet(config.network)
    return Path(config.backbone_weights) if config.backbone_weights else None


def _freeze(model: Any, config: TrainConfig) -> None:
    """Keep early layers and batch-norm statistics as they were pre-trained."""
    names = [layer.name for layer in model.layers]
    if config.train_from and config.train_from not in names:
        raise ConfigError(f"train_from: {config.network} has no layer {config.train_from!r}; it has {names}")
    first = names.index(config.train_from) if config.train_from else 0
    for number, layer in enumerate(model.layers):
        norm = type(layer).__name__ == "BatchNormalization"
        layer.trainable = number >= first and (config.train_batch_norm or not norm)


def fit(
    config: TrainConfig,
    batches: Any,
    validation: ValidationSet,
    out: Path,
    report: Callable[[Progress], None] | None = None,
) -> Any:
    """Train a network, or go on where an interrupted run of the same configuration stopped.

    Args:
        config: How.
        batches: A `keras.utils.PyDataset` of training batches, as `datasets.batches.training_batches` makes.
        validation: Held-out crops; the mean of the AUCs by family chooses the weights and stops the run.
        out: Folder of the run: ``best.weights.h5``, ``log.jsonl``, ``config.json`` and the state to resume.
        report: Called after each epoch.

    Returns:
        The trained `keras.Model` with the best weights.

    Raises:
        TrainingError: If the loss is not a number, or ``out`` holds a run of another configuration.
    """
    import keras

    _claim(out, config)
    keras.utils.set_random_seed(config.seed)
    model = build(config)
    batches.targets = tuple(model.output_names)
    losses: dict[str, Any] = dict.fromkeys(model.output_names, "binary_crossentropy")
    if config.anchor:
        losses["score"] = pair_loss.anchored(config.anchor)
    weights = {name: config.heatmap_weight if name == "heatmap" else 1.0 for name in model.output_names}
    # XLA is slow on CPU with TensorFlow (measured: 0.7 of the rate), and indispensable with JAX.
    jit = keras.backend.backend() == "jax"
    model.compile(optimizer=_optimizer(config), loss=losses, loss_weights=weights, jit_compile=jit)
    resume = keras.callbacks.BackupAndRestore(str(out / STATE), delete_checkpoint=False)
    average = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    judge = _judge(config, validation, out, batches, report)
    callbacks = [keras.callbacks.TerminateOnNaN(), resume, average, judge]
    model.fit(batches, epochs=config.epochs, callbacks=callbacks, verbose=0)
    if not (out / BEST).is_file():
        raise TrainingError(f"no epoch ended with a finite loss; see {out / LOG}, try a lower learning rate")
    model.load_weights(out / BEST)
    return model


def _claim(out: Path, config: TrainConfig) -> None:
    """Write the configuration, or prove that the run there has the same one."""
    out.mkdir(parents=True, exist_ok=True)
    wanted, path = asdict(config), out / CONFIG
    if path.is_file() and json.loads(path.read_text()) != wanted:
        raise TrainingError(f"{out} holds a run of another configuration; choose another --out or remove it")
    path.write_text(json.dumps(wanted, indent=1) + "\n")


def _optimizer(config: TrainConfig) -> Any:
    import keras

    total = config.epochs * config.steps
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=config.learning_rate / 100,
        warmup_target=config.learning_rate,
        warmup_steps=min(config.warmup, total // 2),
        decay_steps=max(1, total - config.warmup),
        alpha=0.01,
    )
    return keras.optimizers.AdamW(
        schedule, weight_decay=config.weight_decay, clipnorm=5.0, use_ema=True, ema_momentum=config.ema
    )


def family_auc(scores: NDArray[np.float64], validation: ValidationSet) -> dict[str, float]:
    """AUC of each family: its fakes against the real pictures that they are paired with."""
    result = {}
    for family in np.unique(validation.families):
        chosen = validation.families == family
        result[str(family)] = round(metrics.auc(scores[chosen], validation.labels[chosen]), 4)
    return result


def _judge(
    config: TrainConfig,
    validation: ValidationSet,
    out: Path,
    batches: Any,
    report: Callable[[Progress], None] | None,
) -> Any:
    """The callback that validates, logs, keeps the best weights and stops."""
    import keras

    class Judge(keras.callbacks.Callback):  # type: ignore[misc]
        started = time.monotonic()

        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            past = [(float(entry["mean_auc"]), int(entry["epoch"])) for entry in _log(out)]
            best: tuple[float, int] = max(past, default=(-math.inf, 0))
            self.best, self.best_epoch = best

        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            # Not by the log: a run that was killed while it validated has trained an epoch more than it says.
            batches.epoch = epoch

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            loss = float((logs or {}).get("loss", math.nan))
            if not math.isfinite(loss):
                raise TrainingError(f"the loss became {loss} in epoch {epoch + 1}; lower the learning rate")
            scores = self.model.predict(validation.images, batch_size=32, verbose=0)["score"][:, 0]
            auc = family_auc(scores.astype(np.float64), validation)
            mean = float(np.mean(list(auc.values())))
            seconds = round(time.monotonic() - self.started, 1)
            state = Progress(epoch + 1, config.epochs, round(loss, 4), auc, round(mean, 4), seconds)
            better = mean > self.best
            if better:
                self.best, self.best_epoch = mean, epoch + 1
            if better or config.keep == "last":
                self.model.save_weights(out / BEST)
            with (out / LOG).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(asdict(state)) + "\n")
            if epoch + 1 - self.best_epoch >= config.patience:
                self.model.stop_training = True
            if report:
                report(state)

    return Judge()


def _log(out: Path) -> list[dict[str, Any]]:
    path = out / LOG
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
