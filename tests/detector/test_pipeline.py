"""The main path, from files to reports, with the shipped detector and with plug-ins."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.detector import registry
from catchlight.detector.errors import CorruptMedia, MediaNotFound, NotMedia, UnknownName
from catchlight.detector.media import Limits, Sampling
from catchlight.detector.pipeline import DetectConfig, Pipeline, detect
from catchlight.detector.report import from_json, to_json


class Gloom:
    """A plug-in: whoever stands in as little light as the second portrait is fake."""

    side = 96

    def __init__(self, calibration=None):
        if calibration is not None:
            self.calibration = calibration

    def score(self, crops):
        centres = np.array([crop.image[36:60, 36:60].mean(axis=(0, 1)) for crop in crops])
        return np.where(centres.mean(axis=1) < 110, 0.97, 0.03)


@pytest.fixture(scope="module")
def pipeline():
    with Pipeline() as pipeline:
        yield pipeline


@pytest.fixture(scope="module")
def plugged(calibration):
    with Pipeline(DetectConfig(thumbnails=True), Gloom(calibration)) as pipeline:
        yield pipeline


@pytest.fixture(scope="module")
def photograph(astronaut, tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "astronaut.png"
    Image.fromarray(astronaut).save(path)
    return path


@pytest.fixture(scope="module")
def play(portraits, tmp_path_factory):
    """A clip of two people, side by side, who swap sides after a cut to another room."""
    path = tmp_path_factory.mktemp("clip") / "play.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "18", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 560, 240, "yuv420p"
        for number in range(40):
            image = np.full((240, 560, 3), 70 if number < 20 else 130, np.uint8)
            first, second = portraits if number < 20 else portraits[::-1]
            image[50:230, 40 + number : 220 + number] = first
            image[50:230, 340 - number : 520 - number] = second
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def seen(plugged, play):
    """What the plug-in's pipeline makes of the play, and the progress that it told."""
    calls = []
    return plugged.analyse(play, lambda *call: calls.append(call)), calls


def still(folder, image, name="still.png"):
    Image.fromarray(image).save(folder / name)
    return folder / name


def test_a_photograph_gets_a_calibrated_answer(pipeline, photograph):
    analysis = pipeline.analyse(photograph)
    report = analysis.report
    (face,) = report.faces
    low, high = report.interval
    assert 0 <= low <= report.p_fake <= high <= 1
    assert (face.p_fake, face.verdict, face.reasons) == (report.p_fake, report.verdict, report.reasons)
    assert (report.media.kind, report.media.frames_sampled, report.media.coverage) == ("image", 1, 1.0)
    assert report.model.name == "mobilenet"
    assert report.model.sha256 == pipeline.detector.bundle.sha256
    assert set(report.timings_ms) == {"decode", "faces", "tracks", "network", "cues", "total"}
    assert report.timings_ms["total"] >= report.timings_ms["faces"] > 0
    (heatmap,) = analysis.heatmaps[0]
    assert (analysis.scores[0].shape, heatmap.ndim) == ((1,), 2)
    assert analysis.thumbnails == ()
    assert from_json(to_json(report)) == report


@pytest.mark.slow
def test_the_same_file_gives_the_same_report_in_any_company(pipeline, photograph, play):
    first = [pipeline.analyse(path).report for path in (photograph, play)]
    again = [pipeline.analyse(path).report for path in (play, photograph)][::-1]
    with Pipeline() as other:
        fresh = other.analyse(photograph).report
    for one, two in (*zip(first, again, strict=True), (first[0], fresh)):
        assert replace(one, timings_ms={}) == replace(two, timings_ms={})
    assert first[0].id != first[1].id


def test_the_id_tells_what_was_asked(photograph, plugged, calibration):
    first = plugged.analyse(photograph).report.id
    with Pipeline(DetectConfig(sampling=Sampling(count=8)), Gloom(calibration)) as other:
        assert other.analyse(photograph).report.id != first


def test_two_people_are_judged_each_on_their_own(seen):
    analysis, _ = seen
    report = analysis.report
    assert sorted(face.verdict for face in report.faces) == ["fake", "real"]
    assert [len(track.crops) for track in analysis.tracks] == [report.media.frames_sampled] * 2
    for scores in analysis.scores.values():
        assert len(set(scores)) == 1  # nobody is mixed with the other, cut or not
    fake = next(face for face in report.faces if face.verdict == "fake")
    assert (report.verdict, report.p_fake, report.interval) == ("fake", fake.p_fake, fake.interval)
    assert report.reasons[0].startswith(f"person {fake.track + 1}: ")
    assert {crop.scene for crop in analysis.tracks[0].crops} == {0, 1}
    assert analysis.tracks[0].crops[0].image.shape == (96, 96, 3)


def test_frames_are_reported_where_and_when_they_were(seen):
    report = seen[0].report
    for face in report.faces:
        assert [frame.time for frame in face.frames] == sorted(frame.time for frame in face.frames)
        assert all(frame.index == round(frame.time * 10) for frame in face.frames)
        assert all(0 < frame.box.x < 560 and 0 < frame.box.y < 240 for frame in face.frames)
    assert (report.media.width, report.media.height, report.media.duration) == (560, 240, pytest.approx(4.0))
    assert report.media.frames_scored == report.media.frames_sampled == 32
    assert report.media.coverage == 1.0


def test_thumbnails_are_of_the_sampled_frames(seen):
    analysis, _ = seen
    sampled = {frame.index for face in analysis.report.faces for frame in face.frames}
    assert {thumbnail.index for thumbnail in analysis.thumbnails} == sampled
    assert analysis.thumbnails[0].image.shape == (240, 560, 3)


def test_progress_counts_to_the_end(plugged, photograph, seen):
    _, calls = seen
    assert calls == [(done, 32) for done in range(1, 33)]
    calls = []
    plugged.analyse(photograph, lambda *call: calls.append(call))
    assert calls == [(1, 1)]


def test_a_detector_without_calibration_gives_scores_and_no_verdict(photograph):
    with Pipeline(detector=Gloom()) as pipeline:
        analysis = pipeline.analyse(photograph)
    report = analysis.report
    assert (report.verdict, report.p_fake, report.interval) == ("undecided", None, None)
    assert report.reasons == report.faces[0].reasons == ("not_calibrated",)
    assert report.faces[0].frames[0].p_fake == analysis.scores[0][0] == 0.03
    assert (report.model.calibration_id, report.model.sha256, report.model.calibration_ece) == ("", "", None)


def altered(astronaut, how):
    if how == "no_face":
        return np.ascontiguousarray(astronaut[320:])
    if how == "face_too_small":
        return cv2.resize(astronaut, (150, 150), interpolation=cv2.INTER_AREA)
    return (astronaut * 0.07).astype(np.uint8)


@pytest.mark.parametrize("how", ["no_face", "face_too_small", "too_dark"])
def test_what_cannot_be_judged_gets_a_reason_and_never_a_number(plugged, astronaut, tmp_path, how):
    analysis = plugged.analyse(still(tmp_path, altered(astronaut, how)))
    report = analysis.report
    assert (report.verdict, report.p_fake, report.interval, report.reasons) == (
        "undecided",
        None,
        None,
        (how,),
    )
    assert (report.media.frames_scored, report.media.coverage) == (0, 0.0)
    assert [face.frames for face in report.faces] == [()] * len(analysis.tracks)
    assert all(len(scores) == 0 for scores in analysis.scores.values())


def test_a_face_that_cannot_be_judged_beside_one_that_can_is_left_out(plugged, astronaut, tmp_path):
    both = np.hstack([astronaut, altered(astronaut, "too_dark")])
    report = plugged.analyse(still(tmp_path, both)).report
    assert (len(report.faces), report.verdict) == (1, "real")
    assert any("1 too dark" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("content", "error"),
    [(None, MediaNotFound), (b"a shopping list", NotMedia), (b"\xff\xd8\xff\xe0 cut", CorruptMedia)],
)
def test_what_cannot_be_read_is_an_error_and_the_pipeline_goes_on(
    plugged, photograph, tmp_path, content, error
):
    path = tmp_path / "holiday.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=r"holiday\.jpg"):
        plugged.analyse(path)
    assert plugged.analyse(photograph).report.verdict == "real"


def test_an_unknown_detector_is_told_at_once():
    with pytest.raises(UnknownName, match="mobilenet"):
        Pipeline(DetectConfig(detector="mobilnet"))


def test_closing_twice_is_fine(calibration):
    pipeline = Pipeline(detector=Gloom(calibration))
    pipeline.close()
    pipeline.close()


def test_detect_takes_a_plug_in_by_reference(photograph, tmp_path, monkeypatch):
    (tmp_path / "a_plugin.py").write_text(
        "import numpy as np\n\nclass Half:\n    def score(self, crops):\n        return np.full(len(crops), 0.5)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    report = detect(photograph, DetectConfig(detector="a_plugin:Half"))
    assert (report.model.name, report.faces[0].frames[0].p_fake) == ("a_plugin:Half", 0.5)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read where Linux tells it")
def test_memory_stays_bounded_on_a_clip(play):
    """Looked at densely, in a process of its own, as the command does it."""
    code = (
        "from catchlight.detector.pipeline import DetectConfig, detect\n"
        "from catchlight.detector.media import Sampling\n"
        f"detect({str(play)!r}, DetectConfig(sampling=Sampling('dense')))\n"
        "status = dict(line.split(':') for line in open('/proc/self/status'))\n"
        "print(int(status['VmHWM'].split()[0]) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert float(done.stdout) < 400


def test_the_default_detector_is_known():
    assert DetectConfig().detector in registry.names()


def test_where_the_look_between_the_frames_fails_the_verdict_stands(astronaut, tmp_path):
    """An animation whose last picture is over a limit, which the verdict's one frame does not reach."""
    near, path = astronaut[20:276, 100:356], tmp_path / "grows.gif"
    pictures = [Image.fromarray(np.roll(near, step, axis=1)).quantize(64) for step in range(12)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    grown = tmp_path / "large.gif"
    Image.new("P", (600, 600), 1).save(grown)
    large = grown.read_bytes()
    path.write_bytes(path.read_bytes()[:-1] + large[large.index(b",", 13 + 3 * 2 ** (large[10] % 8 + 1)) :])
    config = DetectConfig(sampling=Sampling("even", count=1), limits=Limits(max_pixels=300 * 300))
    with Pipeline(config) as pipeline:
        report = pipeline.analyse(path).report
    (face,) = report.faces
    assert report.p_fake is not None
    assert {cue.status for cue in face.cues.values()} == {"not_applicable"}
    assert "too_large" in face.cues["blink"].reason
    assert replace(face, cues={}) == detect(path, replace(config, cues=())).faces[0]


def test_of_a_clip_that_is_cut_off_what_is_left_is_measured(pipeline, astronaut, tmp_path):
    whole, path = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    near, noise = astronaut[20:276, 100:356], np.random.default_rng(0)
    with av.open(str(whole), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = 256, 256, "yuv420p"
        for _ in range(100):
            image = np.clip(near + noise.normal(0, 3, near.shape), 0, 255).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    found = pipeline.analyse(path)
    (person,) = found.people.values()
    assert 1.0 < person.times[-1] < 3.0
    assert found.report.faces[0].cues["jitter"].status == "ok"
