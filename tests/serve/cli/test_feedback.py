import pytest

from catchlight.generator.bench import drawn_store
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.networks.runs import Measured
from catchlight.serve.cli.feedback import measured, said


def test_without_two_held_out_people_it_says_why_nothing_was_judged(tmp_path):
    store = drawn_store(tmp_path, people=4, frames=1, side=64)
    assert said(store, SelfBlend()).startswith("the detector did not judge them: ")


@pytest.mark.slow
def test_what_the_detector_makes_of_forgeries_is_said(tmp_path):
    store = drawn_store(tmp_path, people=8, frames=1, side=160)
    words = said(store, SelfBlend(hardness=0.0))
    assert words.startswith("detector mobilenet: AUC ")
    assert "of 100 forgeries against their own originals" in words


def test_a_measurement_of_a_run_is_one_line(capsys):
    measured(Measured(200, 3200, 0.25, 0.9, {"psnr": 28.25, "ssim": 0.9}, 101.4, 16.0, 1.5, best=True))
    assert capsys.readouterr().out == (
        "step 200  loss 0.2500  psnr 28.25  ssim 0.9  101 a second  1.5 min  best\n"
    )
