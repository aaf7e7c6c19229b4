import json

import pytest

from catchlight.datasets import manifest
from catchlight.generator.swap.clip import swap
from catchlight.generator.swap.drawer import ONE_SHOT
from catchlight.generator.swap.records import record


@pytest.fixture(scope="module")
def written(clip, person, photograph, drawer, tmp_path_factory):
    made = swap(clip, tmp_path_factory.mktemp("made") / "out.mp4", drawer, person)
    return made, record(made, ONE_SHOT, photograph)


def test_the_report_tells_every_frame(written):
    _, report = written
    facts = json.loads(report.read_text())
    assert report.name == "out.json"
    assert facts["frames"] == facts["swapped"] + len(facts["kept"]) == 8
    assert len(facts["quality"]) == 8
    assert facts["label"].startswith("synthetic")
    assert facts["source"]["face"] == "person.png"
    assert len(facts["people"]) == 2


def test_the_manifest_has_one_row_however_often_it_is_made(written, photograph):
    made, _ = written
    record(made, ONE_SHOT, photograph)
    (row,) = manifest.read(made.out.parent)
    assert (row.path, row.label, row.method, row.kind) == ("out.mp4", "fake", "autoencoder_swap", "video")
    assert (row.mask, row.donor) == ("out.mask.mp4", "person")
    assert json.loads(row.parameters)["source"] == str(photograph)
