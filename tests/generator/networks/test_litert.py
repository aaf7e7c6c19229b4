import pytest

from catchlight.detector.errors import BundleError
from catchlight.generator.networks import litert
from catchlight.generator.networks.kinds import WEIGHTS


def test_a_network_is_opened():
    interpreter = litert.opened(WEIGHTS / "one_shot.tflite", 1, BundleError)
    assert litert.shape_of(interpreter.get_input_details()[0]) == (1, 128, 128, 8)


@pytest.mark.parametrize("content", [None, b"", b"no network"])
def test_what_is_none_is_named(content, tmp_path):
    path = tmp_path / "x.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match="unfit: "):
        litert.opened(path, 1, lambda why: BundleError(f"unfit: {why}"))
