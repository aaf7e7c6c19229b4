import json

import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import manifest
from catchlight.detector.errors import DataError
from catchlight.generator.motion.clip import Reenacted, ReenactOptions
from catchlight.generator.motion.records import record


@pytest.fixture
def made(tmp_path):
    """What a reenactment leaves, without one: the records only read files."""
    paths = [tmp_path / name for name in ("person.png", "driver.png", "out.png", "motion.tflite")]
    for number, path in enumerate(paths[:3]):
        Image.fromarray(np.full((64, 64, 3), number, np.uint8)).save(path)
    paths[3].write_bytes(b"network")
    return Reenacted(*paths[:3], ReenactOptions(), 1, (), "1: everybody", 0.5), paths[3]


def test_report_and_row_name_files_by_their_hashes(made):
    report = json.loads(record(*made).read_text())
    (row,) = manifest.read(made[0].out.parent)
    assert report["out"]["sha256"] == row.sha256
    assert json.loads(row.parameters)["network"] == report["network"]["sha256"]
    assert (row.donor, row.clip, row.kind) == ("person", "driver", "image")


def test_made_again_it_has_one_row_and_others_stay(made):
    done, network = made
    record(done, network)
    other = Reenacted(done.source, done.driving, done.driving, done.options, 1, (), "1: everybody", 0.5)
    record(other, network)
    record(done, network)
    assert sorted(row.path for row in manifest.read(done.out.parent)) == ["driver.png", "out.png"]


def test_a_damaged_manifest_is_not_written_over(made):
    done, network = made
    file = done.out.parent / "manifest.csv"
    file.write_text("no,manifest\n1,2\n")
    with pytest.raises(DataError, match="missing column"):
        record(done, network)
    assert file.read_text() == "no,manifest\n1,2\n"
