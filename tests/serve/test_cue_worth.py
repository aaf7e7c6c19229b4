"""What cues are worth: measured through the pipeline, resumed, fitted, and told by method."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from catchlight.detector.cues import normal
from catchlight.detector.types import Cue
from catchlight.serve import cue_worth
from catchlight.serve.benchmark import Row
from catchlight.serve.cue_worth import Measured


def measured(number: int, label: str, overlap: float | None, method: str = "swap") -> Measured:
    """A still with a catchlight cue of a given value."""
    missing = Cue("not_applicable", reason="no highlight in one eye or both")
    cue = missing if overlap is None else Cue("ok", overlap, "overlap", quality=0.8, note="so")
    method = method if label == "fake" else "photo"
    return Measured(
        f"{label}{number}.jpg", label, method, f"person {label} {number}", "image", {"catchlight": cue}
    )


@pytest.fixture
def results():
    rng = np.random.default_rng(0)
    reals = [measured(i, "real", float(rng.uniform(0.4, 0.9))) for i in range(40)]
    fakes = [measured(i, "fake", float(rng.uniform(0.0, 0.5))) for i in range(30)]
    missing = [measured(100 + i, "fake", None) for i in range(10)]
    return [*reals, *fakes, *missing]


def test_a_telling_cue_is_told_with_its_coverage(results):
    line = next(
        one
        for one in cue_worth.table(results)
        if (one.cue, one.method, one.kind) == ("catchlight", "all", "image")
    )
    assert line.auc.value > 0.9
    assert line.auc.low > 0.8
    assert line.coverage == pytest.approx(0.75)
    assert cue_worth.words(line) == "tells something"
    text = cue_worth.to_markdown(cue_worth.table(results), results)
    assert "| catchlight | image | 0.9" in text
    assert "By method, image" in text


def test_a_cue_that_tells_nothing_says_so():
    rng = np.random.default_rng(1)
    results = [measured(i, label, float(rng.uniform())) for label in ("real", "fake") for i in range(60)]
    line = next(one for one in cue_worth.table(results) if one.cue == "catchlight" and one.kind == "image")
    assert cue_worth.words(line) == "worth nothing here"


def test_few_media_have_no_auc(results):
    few = [*results[:3], *results[40:43]]
    assert all(line.auc is None for line in cue_worth.table(few))


def test_ranges_are_fitted_on_real_people_only(results):
    fitted = cue_worth.fit(results, "invented people")
    assert fitted["catchlight"].people == 40
    assert 0.4 <= fitted["catchlight"].low < 0.45
    assert fitted["blink"].people == 0  # from the literature
    assert all(isinstance(one, normal.Range) for one in fitted.values())


def test_media_are_measured_and_not_measured_twice(media_folder, tmp_path):
    rows = [Row("real/near.jpg", "real", "photo", "a"), Row("real/empty.jpg", "real", "photo", "b")]
    log = tmp_path / "log.jsonl"
    first = cue_worth.run(media_folder, rows, log)
    assert first[0].kind == "image"
    assert first[0].cues["pose"].status == "ok"
    assert first[1].cues == {}
    lines = log.read_text()
    assert cue_worth.run(media_folder, rows, log) == first
    assert log.read_text() == lines
    assert json.loads(lines.splitlines()[0])["cues"].keys() == asdict(first[0])["cues"].keys()
