"""Trains an autoencoder from scratch, in minutes on two cores, resumable to the step.

Loss: L1 + 0.5 DSSIM (Wang et al., "Image quality assessment", TIP 2004; Zhao et al., "Loss Functions for
Image Restoration", TCI 2017), and what the `critics` of the run add.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.detector.errors import ConfigError, DataError, TrainingError
from catchlight.detector.types import Pixels
from catchlight.generator.networks.autoencoder import STATS, AutoencoderConfig, build
from catchlight.generator.networks.checkpoint import keep, resume
from catchlight.generator.networks.critics import Critic

Batches = Callable[[np.random.Generator], Pixels]
Images = Sequence[Pixels] | Batches


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How an autoencoder is trained."""

    steps: int = 1500  # about 3 minutes on two cores at the defaults
    batch: int = 8  # crops in a step
    crop: int = 96  # side of a crop at native resolution, pixels; a multiple of 16
    rate: float = 2e-3  # Adam's highest learning rate; falls to 2 % of it along a cosine
    warmup: int = 50  # steps from 0 to the highest rate
    dssim: float = 0.5  # weight of DSSIM beside L1
    kl: float = 2e-4  # weight of the variational term, summed over channels, a mean over cells
    seed: int = 1  # of weights and crops
    checkpoint_every: int = 500  # steps; 0 never writes one

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.crop) < 1 or self.crop % 16:
            raise ConfigError(
                "steps and batch must be at least 1 and crop a positive multiple of 16, but "
                f"{self.steps}, {self.batch} and {self.crop} were given."
            )


def fit(
    images: Images,
    network: AutoencoderConfig,
    config: FitConfig = FitConfig(),
    critic: Critic | None = None,
    checkpoint: Path | None = None,
    report: Callable[[int, float], None] | None = None,
) -> Any:
    """Train an autoencoder.

    Args:
        images: RGB uint8 pictures of any size, of which random crops are drawn (each at least ``config.crop``
            on both sides; smaller ones are reflected at the border), or a function that makes a batch (RGB
            uint8, shape (n, side, side, 3), side a multiple of 16) with the generator that it is given.
        network: What to train.
        config: How.
        critic: One more judge of the pictures (`critics.PatchCritic`, `critics.PerceptualCritic`), or None.
        checkpoint: File from which an interrupted run goes on, and which it writes; removed at the end.
        report: Called with (step, loss) about every hundredth of the run.

    Returns:
        The trained `keras.Model`, as `autoencoder.build` describes it.

    Raises:
        DataError: There are no pictures, a picture is not RGB uint8, or the checkpoint can't be written.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    import keras

    keras.utils.set_random_seed(config.seed)
    batches = images if callable(images) else crops(images, config)
    model = build(network)
    run = _Run(model, network, config, critic)
    start = run.resume(checkpoint) if checkpoint else 0
    for step in range(start, config.steps):
        # A generator for each step: a resumed run sees the batches that an unbroken one sees.
        loss = run.step(step, batches(np.random.default_rng([config.seed, step])))
        if not math.isfinite(loss):
            raise TrainingError(f"loss is {loss} at step {step}; lower the rate ({config.rate:g}).")
        if report and step % max(1, config.steps // 100) == 0:
            report(step, loss)
        if checkpoint and config.checkpoint_every and (step + 1) % config.checkpoint_every == 0:
            run.keep(checkpoint, step + 1)
    if checkpoint:
        checkpoint.unlink(missing_ok=True)
    return model


def crops(images: Sequence[Pixels], config: FitConfig) -> Batches:
    """A function that draws batches of random crops, half of them mirrored, at native resolution.

    Raises:
        DataError: There are no pictures, or a picture is not RGB uint8 of shape (h, w, 3).
    """
    if not len(images):
        raise DataError("no pictures to train on; expected at least one RGB uint8 array of shape (h, w, 3).")

    def batch(rng: np.random.Generator) -> Pixels:
        chosen = rng.integers(len(images), size=config.batch)
        return np.stack([_crop(images[i], config.crop, rng) for i in chosen])

    return batch


def _crop(image: Pixels, side: int, rng: np.random.Generator) -> Pixels:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise DataError(f"pictures must be RGB uint8 of shape (h, w, 3), not {image.dtype} {image.shape}.")
    short = [max(0, side - n) for n in image.shape[:2]]
    if any(short):
        image = np.pad(image, [(0, short[0]), (0, short[1]), (0, 0)], "symmetric")
    top, left = (int(rng.integers(n - side + 1)) for n in image.shape[:2])
    crop = image[top : top + side, left : left + side]
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def reconstruction_loss(dssim: float) -> Callable[[Any, Any], Any]:
    """L1 + ``dssim`` * DSSIM of RGB in 0 to 1, a mean over the batch, in `keras.ops` alone."""
    from keras import ops

    def loss(real: Any, made: Any) -> Any:
        return ops.mean(ops.abs(real - made)) + dssim * ops.mean((1 - ssim(real, made)) / 2)

    return loss


def ssim(a: Any, b: Any, window: int = 7) -> Any:
    """Structural similarity of luma over square windows.

    Args:
        a: RGB in 0 to 1, shape (n, h, w, 3).
        b: The other pictures, same shape.
        window: Side of the windows, pixels.

    Returns:
        A map of shape (n, w - window + 1, h - window + 1), at most 1: a Keras tensor.
    """
    from keras import ops

    height, width = (_windows(ops.shape(a)[axis], window) for axis in (1, 2))

    def mean(x: Any) -> Any:
        # Two products with band matrices: pooling over 7 x 7 pixels took longer than the network.
        return ops.matmul(ops.transpose(ops.matmul(x, width), (0, 2, 1)), height)

    a, b = _luma(a), _luma(b)
    mean_a, mean_b = mean(a), mean(b)
    cross = mean(a * b) - mean_a * mean_b
    spread = mean(a * a + b * b) - mean_a * mean_a - mean_b * mean_b
    light = (2 * mean_a * mean_b + 1e-4) / (mean_a * mean_a + mean_b * mean_b + 1e-4)
    return light * (2 * cross + 9e-4) / (spread + 9e-4)


def _luma(x: Any) -> Any:
    return 0.299 * x[..., 0] + 0.587 * x[..., 1] + 0.114 * x[..., 2]


def _windows(side: Any, window: int) -> Any:
    """A matrix of shape (side, side - window + 1) whose columns average ``window`` neighbours."""
    from keras import ops

    row, column = ops.arange(side)[:, None], ops.arange(side - window + 1)[None, :]
    inside = ops.logical_and(row >= column, row < column + window)
    return ops.cast(inside, "float32") / window


def kl_divergence(target: Any, stats: Any) -> Any:
    """Of the bottleneck's normal distribution from the standard one; ``target`` is there for Keras alone."""
    from keras import ops

    mean, log_variance = ops.split(stats, 2, axis=-1)
    log_variance = ops.clip(log_variance, -20.0, 10.0)
    return ops.mean(ops.sum(0.5 * (mean * mean + ops.exp(log_variance) - 1 - log_variance), axis=-1))


class _Run:
    """One run's state: the network with all that judges it, the optimizer, and their checkpoint."""

    def __init__(
        self, model: Any, network: AutoencoderConfig, config: FitConfig, critic: Critic | None
    ) -> None:
        import keras

        self.config, self.critic, self.variational = config, critic, network.variational
        self.identity = json.dumps([asdict(network), asdict(config), type(critic).__name__])
        losses, weights = [reconstruction_loss(config.dssim)], [1.0]
        outputs = [model.output]
        if network.variational:
            outputs.append(model.get_layer(STATS).output)
            losses, weights = [*losses, kl_divergence], [*weights, config.kl]
        if critic:
            outputs.append(critic.judge(model.output))
            losses, weights = [*losses, critic.loss], [*weights, critic.weight]
        self.judged = keras.Model(model.input, outputs)
        optimizer = keras.optimizers.Adam(config.rate, beta_2=0.99, global_clipnorm=1.0)
        self.judged.compile(optimizer, losses, loss_weights=weights, jit_compile=False)
        self.model = model
        optimizer.build(self.judged.trainable_variables)

    def step(self, step: int, batch: Pixels) -> float:
        pixels = np.asarray(batch, np.float32)
        real = pixels / 255
        targets = [real]
        if self.variational:
            targets.append(np.zeros(len(batch), np.float32))
        if self.critic:
            targets.append(self.critic.learn(real, lambda: self.model.predict_on_batch(pixels)))
        self.judged.optimizer.learning_rate = _rate(step, self.config)
        logs = self.judged.train_on_batch(pixels, targets if len(targets) > 1 else real)
        self.judged.reset_metrics()
        return float(np.ravel(logs)[0])

    def keep(self, path: Path, step: int) -> None:
        keep(path, None, self.identity, {"step": step}, self._state())

    def resume(self, path: Path) -> int:
        """The step to go on with; 0 where there is no checkpoint."""
        facts = resume(path, None, self.identity, self._state())
        return int(facts["step"]) if facts else 0

    def _state(self) -> list[Any]:
        own = [*self.judged.variables, *self.judged.optimizer.variables]
        return own + (self.critic.state() if self.critic else [])


def _rate(step: int, config: FitConfig) -> float:
    warm = min(1.0, (step + 1) / max(1, config.warmup))
    return config.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / config.steps)))
