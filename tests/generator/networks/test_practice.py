from dataclasses import dataclass

import numpy as np
import pytest

from catchlight.generator.networks import runs
from catchlight.generator.networks.practice import Practice, unpacked
from catchlight.generator.networks.runs import Course

pytestmark = pytest.mark.train


@dataclass(frozen=True)
class Line:
    inputs: int = 1


class Doubles:
    """Numbers and their doubles."""

    def batch(self, rng, size):
        x = rng.uniform(-1, 1, (size, 1)).astype(np.float32)
        return [x], 2 * x


def test_a_network_learns_its_lessons_and_the_best_is_kept(tmp_path):
    import keras
    from keras import ops

    def begin():
        x = keras.Input((1,))
        model = keras.Model(x, keras.layers.Dense(1)(x))
        loss = lambda wanted, made: ops.mean(ops.square(wanted - made))  # noqa: E731
        return Practice(course, tmp_path, Line(), model, loss, Doubles(), "best.npz")

    course, losses = Course(steps=60, batch=8, every=20, rate=0.2, last_rate=0.05), []
    runs.go(begin, 1, tmp_path, lambda model: {"score": 1.0}, report=lambda m: losses.append(m.loss))
    assert losses[-1] < 0.1 * losses[0]
    with np.load(tmp_path / "best.npz") as stored:
        assert stored["w000"].shape == (1, 1)


def test_what_goes_wrong_in_a_lesson_is_raised_at_its_step(tmp_path):
    import keras

    class Torn(Doubles):
        def batch(self, rng, size):
            if rng.random() == np.random.default_rng([1, 2]).random():
                raise OSError("the third lesson is torn")
            return super().batch(rng, size)

    x = keras.Input((1,))
    model = keras.Model(x, keras.layers.Dense(1)(x))
    run = Practice(Course(steps=5, every=5), tmp_path, Line(), model, "mse", Torn(), "best.npz")
    with pytest.raises(OSError, match="the third lesson"):
        run.stretch(lambda model: {"score": 1.0})
    assert run.step == 2


def test_a_list_of_one_is_that_one():
    one, two = np.zeros(1), np.zeros(2)
    assert unpacked([one]) is one
    assert unpacked(one) is one
    assert len(unpacked([one, two])) == 2
