"""The dial: open it draws, set it decides, and in both cases the same numbers are used up."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.generator.hardness import OPEN, Dial


def test_an_open_dial_draws_what_the_generator_draws():
    ours, plain = np.random.default_rng(1), np.random.default_rng(1)
    assert OPEN.uniform(ours, 2, 5, hard="low") == plain.uniform(2, 5)
    assert OPEN.choice(ours, (1.0, 2.0, 3.0)) == plain.choice((1.0, 2.0, 3.0))
    assert OPEN.fixed(7.0, easy=0, hard=1) == 7.0
    assert OPEN.damped(-0.123) == -0.123


@pytest.mark.parametrize(("hardness", "low", "high"), [(0.0, 5.0, 2.0), (0.5, 3.5, 3.5), (1.0, 2.0, 5.0)])
def test_a_set_dial_goes_from_the_easy_end_to_the_hard_one(hardness, low, high):
    rng = np.random.default_rng(1)
    assert Dial(hardness).uniform(rng, 2, 5, hard="low") == low
    assert Dial(hardness).uniform(rng, 2, 5, hard="high") == high


def test_a_set_dial_chooses_and_damps():
    rng = np.random.default_rng(1)
    assert [Dial(h).choice(rng, (0.25, 0.5, 1.0)) for h in (0.0, 0.5, 1.0)] == [1.0, 0.5, 0.25]
    assert Dial(0.0).damped(-3.0) == -3.0
    assert Dial(1.0).damped(-3.0) == pytest.approx(-0.3)
    assert Dial(1.0).damped(1.05, about=1.0) == pytest.approx(1.005)


def test_a_set_dial_uses_up_as_many_numbers():
    states = []
    for dial in (OPEN, Dial(0.3)):
        rng = np.random.default_rng(4)
        dial.uniform(rng, 0, 1, hard="low")
        dial.choice(rng, (1.0, 2.0))
        states.append(rng.bit_generator.state)
    assert states[0] == states[1]


@pytest.mark.parametrize("hardness", [-0.1, 1.1, float("nan")])
def test_what_is_not_between_0_and_1_is_refused(hardness):
    with pytest.raises(ConfigError, match="hardness must be from 0 .* received"):
        Dial(hardness)
