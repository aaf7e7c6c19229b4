"""Wishes beyond the pipeline's own configuration: a part of a video, thresholds, heatmaps, no cues, no long files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from catchlight.detector.errors import BundleError, ConfigError, EmptyMedia, MediaTooLong
from catchlight.detector.media import Sampling
from catchlight.detector.pipeline import DetectConfig
from catchlight.serve import judging
from catchlight.serve.judging import Judging, Wishes, judge


@pytest.fixture(scope="module")
def pipeline() -> Iterator[Judging]:
    with Judging(DetectConfig(sampling=Sampling("even", count=4))) as made:
        yield made


@pytest.fixture
def clip(media_folder: Path) -> Path:
    return media_folder / "real" / "walk.mp4"  # 8 frames at 10 a second


@pytest.fixture
def photo(media_folder: Path) -> Path:
    return media_folder / "real" / "plain.jpg"


def test_without_wishes_it_is_the_plain_report(pipeline: Judging, clip: Path) -> None:
    plain, wished = pipeline.analyse(clip).report, judge(pipeline, clip, Wishes()).report
    assert replace(wished, timings_ms={}) == replace(plain, timings_ms={})


def test_a_region_is_judged_alone_with_as_many_frames_and_another_id(pipeline: Judging, clip: Path) -> None:
    whole = judge(pipeline, clip, Wishes()).report
    part = judge(pipeline, clip, Wishes(region=(0.4, None))).report
    times = [frame.time for frame in part.faces[0].frames]
    assert times
    assert min(times) >= 0.4
    assert part.media.frames_sampled == 4
    assert part.id != whole.id
    early = judge(pipeline, clip, Wishes(region=(0.0, 0.25))).report
    assert max(frame.time for frame in early.faces[0].frames) < 0.25
    assert judge(pipeline, clip, Wishes()).report.id == whole.id


def test_a_region_without_frames_is_told(pipeline: Judging, clip: Path) -> None:
    with pytest.raises(EmptyMedia, match="from 60 s"):
        judge(pipeline, clip, Wishes(region=(60.0, None)))


def test_a_region_has_cues_of_its_own_frames(
    pipeline: Judging, astronaut: NDArray[np.uint8], tmp_path: Path
) -> None:
    """Also far from the minute around the middle that is watched of a long clip."""
    path = tmp_path / "long.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=13, options={"preset": "ultrafast", "g": "50"})
        stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p"
        face = av.VideoFrame.from_ndarray(np.ascontiguousarray(astronaut[40:168, 160:288]), format="rgb24")
        for _ in range(100 * 13):
            out.mux(stream.encode(face.reformat()))
        out.mux(stream.encode(None))
    found = judge(pipeline, path, Wishes(region=(4.0, 7.0)))
    (person,) = found.people.values()
    assert 4.0 <= person.times.min() < 4.6
    assert 6.8 < person.times.max() < 7.0
    assert found.report.faces[0].cues["jitter"].status == "ok"
    assert len(person.looks) >= 6


def test_a_region_of_an_animation_goes_by_its_true_times(
    pipeline: Judging, astronaut: NDArray[np.uint8], tmp_path: Path
) -> None:
    pictures = [Image.fromarray(np.roll(astronaut[:256, 100:356], step, axis=1)) for step in range(6)]
    pictures[0].save(tmp_path / "slow.png", save_all=True, append_images=pictures[1:], duration=500)
    report = judge(pipeline, tmp_path / "slow.png", Wishes(region=(1.0, 2.1))).report
    assert [frame.time for frame in report.faces[0].frames] == [1.0, 1.5, 2.0]


def test_a_region_of_a_photograph_is_the_photograph(pipeline: Judging, photo: Path) -> None:
    assert judge(pipeline, photo, Wishes(region=(5.0, 6.0))).report.faces


def test_thresholds_move_the_verdict_and_tell_it(pipeline: Judging, forged: Path) -> None:
    usual = judge(pipeline, forged, Wishes()).report
    assert usual.p_fake is not None
    assert usual.interval is not None
    assert usual.interval[0] > 0.5, "the picture looks forged enough for this test"
    sure = judge(pipeline, forged, Wishes(thresholds=(0.5, None))).report
    strict = judge(pipeline, forged, Wishes(thresholds=((1 + usual.p_fake) / 2, None))).report
    assert (sure.verdict, strict.verdict) == ("fake", "undecided")
    assert sure.p_fake == strict.p_fake == usual.p_fake
    assert len({usual.model.calibration_id, sure.model.calibration_id, strict.model.calibration_id}) == 3
    assert judge(pipeline, forged, Wishes()).report.verdict == usual.verdict


def test_thresholds_need_a_calibration_and_sense(pipeline: Judging) -> None:
    class Bare:
        def score(self, crops: object) -> object:
            return crops

    with pytest.raises(ConfigError, match="calibration"):
        judging.with_thresholds(Bare(), 0.9, None)  # type: ignore[arg-type]
    with pytest.raises(BundleError, match=r"0\.5"):
        judging.with_thresholds(pipeline.detector, 0.2, None)


def test_long_video_is_left_for_later_unless_the_part_is_short(pipeline: Judging, clip: Path) -> None:
    with pytest.raises(MediaTooLong):
        judge(pipeline, clip, Wishes(longest=0.5))
    assert judge(pipeline, clip, Wishes(longest=0.5, region=(0.1, 0.5))).report.faces
    assert judge(pipeline, clip, Wishes(longest=2.0)).report.faces


def test_heatmaps_have_one_map_a_crop(pipeline: Judging, photo: Path) -> None:
    found = judge(pipeline, photo, Wishes(heatmap=True))
    (heatmap,) = judging.heatmaps(found)
    assert heatmap["track"] == found.report.faces[0].track
    assert all(0 <= value <= 1 for row in heatmap["values"] for value in row)
    assert len({len(row) for row in heatmap["values"]}) == 1


def test_cues_can_be_left_out(pipeline: Judging, photo: Path) -> None:
    with Judging(DetectConfig(sampling=Sampling("even", count=4), cues=())) as without:
        plain = without.analyse(photo).report
    muted = judge(pipeline, photo, Wishes(cues=False)).report
    assert muted.faces[0].cues == {}
    assert replace(muted, timings_ms={}) == replace(plain, timings_ms={})
    assert judge(pipeline, photo, Wishes()).report.faces[0].cues


@pytest.mark.parametrize(
    "options", [{"region": 3}, {"region": [1]}, {"region": ["a", 2]}, {"thresholds": {}}, {"heatmap": "yes"}]
)
def test_wishes_of_another_kind_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="option"):
        judging.wishes(options)
