"""Fitting on people drawn from known distributions, and judging new people drawn from the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector import metrics
from catchlight.detector.calibrate import Calibration, CalibrationSample, fit, judge
from catchlight.detector.errors import DataError, TrainingError, UnknownName
from catchlight.detector.types import MediaKind

FAMILIES = {"swap": 1.0, "gan": 1.5, "lipsync": 2.0}  # mean logit of each


def people(
    n: int, seed: int, *, kind: MediaKind = "video", frames: int = 8, name: str = ""
) -> list[CalibrationSample]:
    """n real and n forged people; log odds of the truth are 3 to 4 times the track's own logit."""
    rng = np.random.default_rng(seed)

    def track(mean: float, label: int, person: str, family: str) -> CalibrationSample:
        logits = rng.normal(mean, 0.9) + rng.normal(0, 0.6, frames)
        return CalibrationSample(1 / (1 + np.exp(-logits)), label, kind, f"{kind}{name}{person}", family)

    real = [track(-1.5, 0, f"real{i}", "") for i in range(n)]
    names = list(FAMILIES)
    fake = [track(FAMILIES[names[i % 3]], 1, f"fake{i}", names[i % 3]) for i in range(n)]
    return real + fake


@pytest.fixture(scope="module")
def fitted() -> Calibration:
    return fit(people(150, seed=0), seed=7)


def rates(calibration: Calibration, samples: Sequence[CalibrationSample]) -> dict[str, float]:
    judged = [(judge(sample.scores, sample.kind, calibration), sample.label) for sample in samples]
    p_fake, labels = [one.p_fake for one, _ in judged], [label for _, label in judged]
    return {
        "ece": metrics.ece(p_fake, labels),
        "false_alarms": float(np.mean([one.verdict == "fake" for one, label in judged if not label])),
        "found": float(np.mean([one.verdict == "fake" for one, label in judged if label])),
        "missed": float(np.mean([one.verdict == "real" for one, label in judged if label])),
        "cleared": float(np.mean([one.verdict == "real" for one, label in judged if not label])),
        "covered": float(np.mean([one.interval[0] <= one.p_fake <= one.interval[1] for one, _ in judged])),
    }


def test_new_people_are_judged_as_promised(fitted: Calibration) -> None:
    found = rates(fitted, people(600, seed=1))
    assert found["ece"] < 0.04
    assert found["false_alarms"] <= 0.02
    assert found["missed"] <= 0.10
    assert found["found"] > 0.5
    assert found["cleared"] > 0.5
    assert found["covered"] == 1
    assert fitted.ece < 0.08


def test_each_judgement_tells_how_many_real_people_score_as_high(fitted: Calibration) -> None:
    new = [sample for sample in people(600, seed=1) if not sample.label]
    shares = np.array([judge(sample.scores, "video", fitted).real_share for sample in new], float)
    for share in (0.1, 0.5, 0.9):
        assert np.mean(shares <= share) == pytest.approx(share, abs=0.08)
    assert judge(np.full(8, 0.999), "video", fitted).real_share == 0
    # It is a count of people, which nobody's expectation moves.
    assert judge(new[0].scores, "video", fitted, prior=0.01).real_share == shares[0]


def test_a_real_person_counts_once_however_many_tracks_with_the_highest() -> None:
    """As for the threshold of fake: whoever reaches it in one medium of several has reached it."""
    samples = people(150, seed=0)
    calm = [replace(sample, scores=sample.scores * 0.01) for sample in samples if not sample.label] * 3
    one, again = fit(samples, seed=7).video, fit(samples + calm, seed=7).video
    highest = [[(odds - k.intercept) / k.slope for odds in k.real_odds] for k in (one, again)]
    np.testing.assert_allclose(*highest, atol=0.01)
    share = one.real_share(float(np.log(one.fake_above / (1 - one.fake_above))))
    assert share is not None
    assert share <= 0.01


@pytest.mark.slow
def test_false_alarms_over_many_calibrations_stay_at_one_percent() -> None:
    fresh = [sample for sample in people(300, seed=2, frames=4) if not sample.label]
    for n, most in ((120, 0.015), (30, 0.025)):
        found = [
            np.mean([judge(one.scores, "video", calibration).verdict == "fake" for one in fresh])
            for calibration in (fit(people(n, seed, frames=4), seed=0) for seed in range(10, 13))
        ]
        assert np.mean(found) <= most


@pytest.mark.slow
def test_the_same_seed_gives_the_same_calibration(fitted: Calibration) -> None:
    assert fit(people(150, seed=0), seed=7) == fitted
    assert fit(people(150, seed=0), seed=8).id != fitted.id


def test_what_a_calibration_says_of_itself(fitted: Calibration) -> None:
    video = fitted.video
    assert (video.real_people, video.fake_people, video.pooled) == (150, 150, False)
    assert fitted.image == replace(video, pooled=True)
    assert len(video.replicas) == 50
    assert video.frame_spread == pytest.approx(0.6, rel=0.15)
    assert Calibration.from_dict(fitted.to_dict()) == fitted


def test_each_kind_with_enough_people_has_its_own_line() -> None:
    calibration = fit(people(40, seed=3) + people(30, seed=4, kind="image", frames=1), seed=0)
    assert not calibration.image.pooled
    assert not calibration.video.pooled
    assert (calibration.image.real_people, calibration.video.real_people) == (30, 40)
    assert calibration.image.frame_spread == 0

    scarce = fit(people(40, seed=3) + people(10, seed=4, kind="image", frames=1), seed=0)
    assert (scarce.image.pooled, scarce.image.real_people) == (True, 50)
    assert (scarce.video.pooled, scarce.video.real_people) == (False, 40)


def test_fewer_people_put_fake_further_off() -> None:
    samples = people(150, seed=5)
    reals, fakes = samples[:150], samples[150:]
    many = fit(samples, seed=0)
    highest = max(judge(one.scores, "video", many).p_fake for one in reals)
    assert many.video.fake_above == pytest.approx(highest)  # 1 % of 150 + 1 is one person

    few = fit(reals[:30] + fakes, seed=0)
    highest = max(judge(one.scores, "video", few).p_fake for one in reals[:30])
    assert few.video.fake_above > highest


@pytest.mark.parametrize(("odd", "verdict"), [(1, "fake"), (4, "undecided")])
def test_one_odd_person_does_not_put_fake_out_of_reach_but_many_do(odd: int, verdict: str) -> None:
    """Of 150 real people some have scores of 1, the bound; 1 % of them may be called fake, 4 may not."""
    samples = people(150, seed=5)
    strange = [replace(one, scores=np.ones(8)) for one in samples[:odd]]
    fitted = fit(strange + samples[odd:], seed=0)
    assert judge(np.ones(8), "video", fitted).verdict == verdict
    told = [judge(one.scores, "video", fitted).verdict for one in strange + samples[odd:150]]
    assert told.count("fake") <= 1.5


def test_a_larger_share_allows_lower_thresholds(fitted: Calibration) -> None:
    loose = fit(people(150, seed=0), seed=7, max_false_alarm=0.1, max_miss=0.3).video
    assert loose.fake_above < fitted.video.fake_above
    assert loose.real_below >= fitted.video.real_below
    assert loose.real_below <= 0.5 <= loose.fake_above


@pytest.mark.slow
def test_a_family_counts_once_however_many_samples_it_has() -> None:
    samples = people(60, seed=6)
    copies = [sample for sample in samples if sample.family == "lipsync"] * 8
    once, often = (fit(each, seed=0).video for each in (samples, samples + copies))
    assert (often.slope, often.intercept) == pytest.approx((once.slope, once.intercept), abs=1e-3)
    assert often.real_below == pytest.approx(once.real_below, abs=1e-3)


def test_perfect_separation_stays_finite() -> None:
    rng = np.random.default_rng(0)
    samples = [
        CalibrationSample(
            rng.uniform(0.9, 0.99, 4) if i % 2 else rng.uniform(0.01, 0.1, 4), i % 2, "video", str(i)
        )
        for i in range(60)
    ]
    calibration = fit(samples, seed=0)
    assert calibration.video.slope < 5
    assert judge(np.full(8, 0.97), "video", calibration).interval[0] <= 1 - 1 / 32


def test_scores_that_say_nothing_or_the_contrary_are_refused() -> None:
    samples = people(40, seed=8)
    rng = np.random.default_rng(9)
    with pytest.raises(TrainingError, match="don't tell fake from real"):
        fit([replace(sample, scores=rng.uniform(size=4)) for sample in samples], seed=0)
    with pytest.raises(TrainingError, match="labels are swapped"):
        fit([replace(sample, scores=1 - sample.scores) for sample in samples], seed=0)


def test_too_few_people_are_refused_however_many_tracks() -> None:
    samples = people(19, seed=10)
    with pytest.raises(TrainingError, match=r"20 real and 20 forged people or more.*received 19 and 19"):
        fit(samples * 10, seed=0)
    with pytest.raises(TrainingError, match="received 0 and 0"):
        fit([], seed=0)


def test_bad_samples_are_refused() -> None:
    samples = people(30, seed=11)
    with pytest.raises(DataError, match="label must be 0"):
        fit([*samples, replace(samples[0], label=2)], seed=0)
    with pytest.raises(DataError, match="received nan"):
        fit([*samples, replace(samples[0], scores=np.array([np.nan]))], seed=0)
    with pytest.raises(UnknownName, match="'audio'"):
        fit([*samples, replace(samples[0], kind="audio")], seed=0)  # type: ignore[arg-type]


@pytest.mark.slow
def test_real_begins_where_the_hardest_family_is_rarely_missed():
    rng = np.random.default_rng(3)

    def tracks(family, centre, count):
        scores = 1 / (1 + np.exp(-rng.normal(centre, 1, count)))
        label = int(bool(family))
        return [
            CalibrationSample(np.array([score]), label, "image", f"{family}{number}", family)
            for number, score in enumerate(scores)
        ]

    easy = tracks("", -2, 200) + tracks("easy", 2.5, 200)
    hard = tracks("hard", 0, 60)
    with_hard = fit(easy + hard, seed=1)
    judged = [judge(sample.scores, "image", with_hard).verdict for sample in hard]
    assert judged.count("real") <= 0.1 * len(hard)
    assert with_hard.image.real_below < fit(easy, seed=1).image.real_below


def strange(n: int, seed: int, mean: float) -> list[CalibrationSample]:
    """n people forged by a tool that training has not seen, with logits around a mean."""
    drawn = people(n, seed, name="strange")[:n]
    shift = [np.log(one.scores / (1 - one.scores)) + 1.5 + mean for one in drawn]
    scores = [1 / (1 + np.exp(-logits)) for logits in shift]
    return [
        replace(one, scores=s, label=1, family="new", unseen=True)
        for one, s in zip(drawn, scores, strict=True)
    ]


@pytest.mark.slow
def test_tools_that_training_has_not_seen_weigh_as_much_as_all_others(fitted: Calibration) -> None:
    """A tool that the scores hardly tell makes all probabilities more careful, however few its people are."""
    careful = fit(people(150, seed=0) + strange(12, 3, -1.0), seed=7)
    assert careful.video.slope < 0.7 * fitted.video.slope
    assert careful.video.real_below < fitted.video.real_below
    more = fit(people(150, seed=0) + strange(48, 3, -1.0), seed=7)
    assert careful.video.slope == pytest.approx(more.video.slope, rel=0.25)


def test_kinds_that_may_not_be_called_real_never_are() -> None:
    samples = people(60, seed=0) + people(60, seed=1, kind="image")
    calibration = fit(samples, seed=7, clears=("video",))
    assert calibration.image.real_below == 0 < calibration.video.real_below
    assert judge(np.array([1e-6]), "image", calibration).verdict == "undecided"
    assert judge(np.array([1e-6] * 8), "video", calibration).verdict == "real"
