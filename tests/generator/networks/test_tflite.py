import numpy as np
import pytest

from catchlight.detector.errors import BundleError
from catchlight.generator.networks import litert, tflite

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A compiled sum of two inputs."""
    import keras

    a, b = keras.Input((3,), name="a"), keras.Input((2, 3), name="b")
    path = tmp_path_factory.mktemp("tflite") / "sum.tflite"
    path.write_bytes(tflite.compiled(keras.Model([a, b], a + b[:, 0]), [(1, 3), (1, 2, 3)]))
    return path


def test_what_is_compiled_runs_without_tensorflow(file):
    interpreter = litert.opened(file, 1, BundleError)
    shapes = {litert.shape_of(details): details["index"] for details in interpreter.get_input_details()}
    interpreter.set_tensor(shapes[1, 3], np.float32([[1, 2, 3]]))
    interpreter.set_tensor(shapes[1, 2, 3], np.float32([[[10, 20, 30], [0, 0, 0]]]))
    interpreter.invoke()
    out = interpreter.get_output_details()[0]
    assert interpreter.get_tensor(out["index"]).tolist() == [[11, 22, 33]]
