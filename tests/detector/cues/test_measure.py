"""All cues of a medium: in the report, held against real people, and never a change of the verdict."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.cues import measure, normal, registry, usual
from catchlight.detector.cues.person import found
from catchlight.detector.cues.testing import drawn_person
from catchlight.detector.errors import ContractError
from catchlight.detector.pipeline import DetectConfig, Pipeline
from catchlight.detector.report import from_json, to_json
from catchlight.detector.types import Cue

BLINK = Cue("ok", 12.0, "1/min", (8.0, 33.0), 0.9, note="six")


class Half:
    def score(self, crops):
        return np.full(len(crops), 0.5)


class Blank:
    unit = "px"
    judged_from = 30.0
    high = "it is too wide"

    def __init__(self, cue):
        self.cue = cue

    def measure(self, person):
        return self.cue


@pytest.fixture(scope="module")
def reports(blinking, portrait, tmp_path_factory):
    photo = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.fromarray(portrait.image).save(photo)
    with Pipeline(DetectConfig(), Half()) as pipeline, Pipeline(DetectConfig(cues=()), Half()) as plain:
        yield {path: (pipeline.analyse(path), plain.analyse(path)) for path in (photo, blinking[0])}


def test_every_cue_is_in_the_report_and_survives_json(reports):
    for analysis, _ in reports.values():
        (face,) = analysis.report.faces
        assert list(face.cues) == list(registry.names())
        assert all(measure.fault(cue) is None for cue in face.cues.values())
        assert from_json(to_json(analysis.report)) == analysis.report
        assert "cues" in analysis.report.timings_ms


def test_cues_do_not_touch_the_scores(reports):
    for with_cues, without in reports.values():
        assert without.report.faces[0].cues == {}
        assert without.people == {}
        assert np.array_equal(with_cues.scores[0], without.scores[0])
        assert with_cues.report.faces[0].frames == without.report.faces[0].frames
        assert with_cues.report.verdict == without.report.verdict


def test_a_photograph_has_no_cues_over_time(reports):
    photo, clip = (analysis.report.faces[0].cues for analysis, _ in reports.values())
    for name, meter in registry.meters(None).items():
        if getattr(meter, "temporal", False):
            assert photo[name].status == "not_applicable"
    assert clip["blink"].status == clip["jitter"].status == "ok"


def test_reasons_are_told_only_of_good_measurements():
    meters = {"width": Blank(None)}
    far = Cue("ok", 12.0, "px", (1.0, 9.0), 0.9, note="so")
    assert measure.reasons({"width": far}, meters) == ("it is too wide (12 px, usual in real people 1 to 9)",)
    assert measure.reasons({"width": Cue("ok", 12.0, "px", (1.0, 9.0), 0.1, note="so")}, meters) == ()
    assert measure.reasons({"width": Cue("ok", 0.0, "px", (1.0, 9.0), 0.9, note="so")}, meters) == ()


def test_a_range_of_few_people_gives_no_reason():
    few = [name for name, one in normal.ranges().items() if 0 < one.people < measure.SURE]
    meters = registry.meters(None)
    for name in few:
        words = next(side for side in ("low", "high") if getattr(meters[name], side))
        value = -1e6 if words == "low" else 1e6
        cue = Cue("ok", value, meters[name].unit, (0.0, 1.0), 1.0, note="so")
        assert usual.outside(cue) == words
        assert measure.reasons({name: cue}, meters) == ()


def test_a_broken_cue_is_told():
    with pytest.raises(ContractError, match="'wild' must give finite numbers"):
        measure.of_person("wild", Blank(found(float("inf"), "px", 1.0, "so")), drawn_person(seconds=1.0))


def test_five_frames_a_second_are_too_few_for_cues_over_time(portrait, encode):
    small = portrait.image[::2, ::2].copy()
    with Pipeline(DetectConfig(cues=("blink", "jitter", "pose")), Half()) as pipeline:
        cues = pipeline.analyse(encode("slow.mp4", [small] * 20, rate=5)).report.faces[0].cues
    assert "5 samples a second" in cues["blink"].reason
    assert "5 samples a second" in cues["jitter"].reason
    assert cues["pose"].status == "ok"


def test_two_people_and_a_cut_get_cues_of_their_own(portraits, encode):
    first, second = portraits
    both = np.hstack([first, second])
    elsewhere = np.full_like(both, 30)
    images = [both] * 40 + [elsewhere] * 15 + [both] * 40
    with Pipeline(DetectConfig(cues=("jitter", "catchlight")), Half()) as pipeline:
        analysis = pipeline.analyse(encode("pair.mp4", images))
    assert len(analysis.report.faces) == 2
    for face in analysis.report.faces:
        person = analysis.people[face.track]
        assert len(person.stretches()) == 2
        assert float(np.ptp(person.landmarks[:, 1, 0])) < 20  # never the neighbour, 180 px away
        assert face.cues["catchlight"].status == "not_applicable"
