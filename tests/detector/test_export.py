"""Compiled networks say what the Keras network says, within the precision of each."""

import numpy as np
import pytest

from catchlight.detector.bundle import load, save
from catchlight.detector.export import to_tflite
from catchlight.detector.models import meso, mobilenet
from catchlight.detector.runtime import BundleDetector
from catchlight.detector.testing import check_detector

pytestmark = [pytest.mark.train, pytest.mark.slow]

SIDE = 64


@pytest.fixture(scope="module")
def crops():
    """Pictures with structure: smooth colours, edges and grain, as crops of faces have."""
    import cv2

    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (40, 6, 6, 3)).astype(np.uint8)
    grown = np.stack([cv2.resize(each, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for each in coarse])
    return np.clip(grown + rng.normal(0, 8, grown.shape), 0, 255).astype(np.uint8)


def outputs(data, crops):
    """What a compiled network says of crops, by the number of axes: 1 for scores, 3 for maps."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_content=data)
    runner.allocate_tensors()
    (given,) = runner.get_input_details()
    assert given["dtype"] == np.float32
    made = {}
    for crop in crops:
        runner.set_tensor(given["index"], crop[None].astype(np.float32))
        runner.invoke()
        for detail in runner.get_output_details():
            values = runner.get_tensor(detail["index"])[0]
            assert values.dtype == np.float32
            made.setdefault(values.ndim, []).append(values)
    return {axes: np.stack(values) for axes, values in made.items()}


@pytest.mark.parametrize("builder", [meso.build, mobilenet.build], ids=["meso", "mobilenet"])
def test_compiled_networks_agree_with_keras_and_make_a_bundle(builder, crops, calibration, tmp_path):
    import keras

    keras.utils.set_random_seed(1)
    model = builder(SIDE)
    wanted = {values.ndim - 1: values for values in model.predict(crops, verbose=0).values()}
    compiled = to_tflite(model, crops)
    assert set(compiled) == {"float", "int8"}
    for form, tolerance in (("float", 0.01), ("int8", 0.06)):
        made = outputs(compiled[form], crops)
        assert set(made) == set(wanted)
        for axes, values in made.items():
            assert np.abs(values - wanted[axes]).max() < tolerance
    assert len(compiled["int8"]) < len(compiled["float"])
    saved = save(
        tmp_path / "bundle",
        name=model.name,
        version="1.0",
        side=SIDE,
        backbone=model.name,
        networks=compiled,
        default="float",
        outputs={name: tuple(model.get_layer(name).output.shape[1:]) for name in model.output_names},
        calibration=calibration,
        card="# Untrained",
    )
    for form in compiled:
        check_detector(BundleDetector(load(saved.folder), form=form))
