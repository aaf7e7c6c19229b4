"""A run of one network that learns from lessons by a loss."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from catchlight.detector.prefetch import prefetched
from catchlight.generator.networks import stored
from catchlight.generator.networks.runs import Course, Judge, Measured, Run, jit


class Lessons(Protocol):
    """Where a network's batches come from."""

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Any, Any]:
        """What a network takes, and what it should give, in batches of ``size``."""
        ...


class Practice(Run):
    """A run, from its first step or from its last checkpoint.

    Args:
        course: How long.
        folder: Where it keeps what it makes.
        network: The dataclass that describes the network.
        model: The network, a `keras.Model`.
        loss: Of what is wanted and what was made.
        lessons: What it practises on.
        best: Name of the file of the best network.
    """

    def __init__(
        self,
        course: Course,
        folder: Path,
        network: Any,
        model: Any,
        loss: Callable[[Any, Any], Any],
        lessons: Lessons,
        best: str,
    ) -> None:
        import keras

        super().__init__(course, folder, [asdict(network)])
        self.network, self.net, self.lessons, self.file = network, model, lessons, folder / best
        optimizer = keras.optimizers.Adam(course.rate, beta_1=0.5, beta_2=0.99, global_clipnorm=1.0)
        model.compile(optimizer, loss, jit_compile=jit())
        optimizer.build(model.trainable_variables)

    @property
    def model(self) -> Any:
        """The network."""
        return self.net

    def stretch(self, judge: Judge) -> Measured:
        """As any run, but the next batches are drawn while the network learns from one."""
        steps = range(self.step, min(self.course.steps, self.step + self.course.every))
        with closing(prefetched(self._batch(step) for step in steps)) as self._ahead:
            return super().stretch(judge)

    def learn(self) -> float:
        """One batch."""
        inputs, wanted = (unpacked(part) for part in next(self._ahead))
        self.net.optimizer.learning_rate = self.course.rate_at(self.step)
        loss = float(np.ravel(self.net.train_on_batch(inputs, wanted))[0])
        self.net.reset_metrics()
        return loss

    def _batch(self, step: int) -> tuple[Any, Any]:
        return self.lessons.batch(self.draws(step), self.course.batch)

    def save(self) -> None:
        """Write the network as the best so far."""
        stored.save(self.net, self.network, self.file)

    def state(self) -> list[Any]:
        """Of network and optimizer."""
        return [*self.net.variables, *self.net.optimizer.variables]


def unpacked(values: Any) -> Any:
    """A list of one array as that array, as Keras wants it for networks of one input or output."""
    return values[0] if isinstance(values, list) and len(values) == 1 else values
