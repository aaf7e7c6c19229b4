"""The model card of a bundle: data, command, numbers and limits, written from what was measured.

Source of the form: Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import counts
from catchlight.detector import metrics
from catchlight.detector.calibrate import summarise
from catchlight.detector.calibration import KINDS, Calibration, CalibrationSample, KindCalibration
from catchlight.detector.train import TrainConfig
from catchlight.generator.tiers import TierConfig
from catchlight.serve import false_alarms, skin_tones
from catchlight.serve.false_alarms import FalseAlarms
from catchlight.serve.skin_tones import ByTone

UNSEEN = "unseen_tools"
LIMITS = """
- It was trained on photographs and short clips of a few thousand people, mostly adults, mostly well lit. Who
  is rare there (children, heavy make-up, masks, art) is judged less well; nobody has measured how much. What dark
  skin and dim light do, where it was measured, stands above.
- It looks at the pixels of one face at a time. Speech, lips against sound, blinking and movement are not looked
  at.
- A forger who knows it can defeat it. `real` means that no sign was found, never that a picture is proven
  genuine.
- Faces under 36 px, dark or blurred ones are not judged at all.
"""


def write(
    name: str,
    command: str,
    network: TrainConfig,
    tiers: TierConfig,
    store: Store,
    scored: Mapping[str, Sequence[CalibrationSample]],
    calibration: Calibration,
    judging: str = "float",
    alarms: Sequence[FalseAlarms] = (),
    tones: Sequence[ByTone] = (),
) -> str:
    """The card as Markdown.

    Args:
        name: The detector's name.
        command: The command that trained it.
        network: How it was trained.
        tiers: What its batches were made of.
        store: What it was trained on.
        scored: Form of the network to the held-out tracks with its scores.
        calibration: What was fitted on the scores of the form that judges.
        judging: Which form that is.
        alarms: What handling does to held-out real people.
        tones: What it says of them by skin tone.
    """
    parts = [
        f"# {name}",
        f"Trained by `{command}`.",
        f"## Data\n\n{_data(store)}",
        f"## Training\n\n{_training(network, tiers)}",
        f"## Held-out people\n\n{_families(scored, judging)}",
        f"## Calibration\n\n{_calibration(calibration)}",
        *([f"## Real people, handled\n\n{_handled(alarms)}"] if alarms else []),
        *([f"## Real people, by skin tone\n\n{_by_tone(tones)}"] if tones else []),
        f"## Limits\n\n{LIMITS.strip()}",
    ]
    return "\n\n".join(parts) + "\n"


def _data(store: Store) -> str:
    """Counts of pictures and people by side, label and collection or tool."""
    people = {
        side: len({s.person for s in store.samples if s.split == side and s.label == "real"})
        for side in ("train", "val")
    }
    rows = ["| split | label | collection or tool | pictures |", "|---|---|---|---|"]
    rows += [f"| {' | '.join(key)} | {n} |" for key, n in counts(store.samples).items()]
    return (
        f"{people['train']} real people for training and {people['val']} held out, no one on both sides (a "
        "picture without a name counts as a person). The pictures belong to others, most allow research alone, "
        "and none is part of this bundle.\n\n" + "\n".join(rows)
    )


def _training(network: TrainConfig, tiers: TierConfig) -> str:
    what, settings = _trained(network, tiers) if network.epochs else _assembled(network)
    kinds = ", ".join(tiers.held_out_kinds) or "none"
    return f"{what} Kinds of autoencoder that only held-out people show: {kinds}. Settings: {settings}."


def _trained(network: TrainConfig, tiers: TierConfig) -> tuple[str, str]:
    pairs = ", ".join(f"{number} {tier}" for tier, number in tiers.pairs.items() if number)
    settings = ", ".join(f"{name} {value}" for name, value in asdict(network).items() if value != "")
    return f"Each batch holds pairs of a real picture and a fake: {pairs}.", settings


def _assembled(network: TrainConfig) -> tuple[str, str]:
    """Of a run that trains no network, though perhaps a last layer: whose weights it takes."""
    members = " and ".join(f"`{path}`" for path in (network.initial_weights, network.beside) if path)
    return (
        f"No network was trained by this command. The weights are those of {members or 'a network at random'}, which "
        f"came from runs of their own{'; the mean of their logits judges' if network.beside else ''}.",
        f"network {network.network}, side {network.side}, seed {network.seed}",
    )


def _families(scored: Mapping[str, Sequence[CalibrationSample]], judging: str) -> str:
    """AUC by family against the real people of the same kind of medium, the other form of the network beside it."""
    others = [form for form in scored if form != judging]
    heads = ("family", "kind", "tracks", "AUC [95 %]", *(f"AUC {form}" for form in others))
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    names = sorted({(_row_name(s), s.kind) for s in scored[judging] if s.label})
    for family, kind in names:
        number = sum(s.label == 1 and _row_name(s) == family and s.kind == kind for s in scored[judging])
        small = [f"{_auc(scored[form], family, kind).value:.3f}" for form in others]
        cells = (family, kind, str(number), str(_auc(scored[judging], family, kind)), *small)
        rows.append(f"| {' | '.join(cells)} |")
    return (
        "Track AUC on people that training never saw, half of them after a drawn history of compression; "
        f"the interval counts people. `{UNSEEN}` are the tools that training has not seen, taken together; as images "
        "single frames of their clips, against such frames of real people.\n\n" + "\n".join(rows)
    )


def _auc(samples: Sequence[CalibrationSample], family: str, kind: str) -> metrics.Estimate:
    unseen = kind == "image" and family == UNSEEN
    chosen = [
        s for s in samples if s.kind == kind and (_row_name(s) == family if s.label else s.unseen == unseen)
    ]
    scores = np.array([summarise(s.scores) for s in chosen])
    labels = np.array([s.label for s in chosen])
    return metrics.estimate(scores, labels, [s.group for s in chosen])


def _row_name(sample: CalibrationSample) -> str:
    return UNSEEN if sample.unseen else sample.family


def _calibration(calibration: Calibration) -> str:
    rows = [
        "| kind | real people | forged people | ECE | real below | fake above |",
        "|---|---|---|---|---|---|",
    ]
    rows += [_row("image", calibration.image), _row("video", calibration.video)]
    return (
        f"Fitted at a prior of 0.5 on held-out people; id `{calibration.id}`. `fake` is promised to at most "
        f"{calibration.max_false_alarm:.0%} of real people of the same sources, which takes "
        f"{calibration.people_needed} people to prove; with fewer it is extrapolated. Tools that training has not seen "
        f"weigh as much as all others.{_never(calibration)}\n\n" + "\n".join(rows)
    )


def _handled(alarms: Sequence[FalseAlarms]) -> str:
    return (
        "Held-out real people, one medium each, after handling that forges nobody; the faces as cut out are handled. A "
        "bundle that calls more than a few fake is not written.\n\n" + false_alarms.table(alarms)
    )


def _by_tone(tones: Sequence[ByTone]) -> str:
    return (
        "Held-out real people by the individual typology angle of cheeks and nose, against people of the same "
        "collection. It measures skin as the picture shows it: who stands in the dark counts as dark. The interval "
        "counts people. A bundle that calls more than a few of one tone fake is not written.\n\n"
        + skin_tones.table(tones)
    )


def _never(calibration: Calibration) -> str:
    """Which kinds of medium are never called real, and why."""
    kinds = [kind for kind in KINDS if not calibration.of(kind).real_below]
    return "".join(
        f" No {kind} is called real: there were too few {kind}s by tools that training has not seen to "
        "tell how many of their forgeries would be."
        for kind in kinds
    )


def _row(kind: str, fitted: KindCalibration) -> str:
    pooled = " (pooled with the other kind)" if fitted.pooled else ""
    return (
        f"| {kind}{pooled} | {fitted.real_people} | {fitted.fake_people} | {fitted.ece:.3f} "
        f"| {fitted.real_below:.3f} | {fitted.fake_above:.3f} |"
    )
