"""What a swap network can do with held-out people: whose face comes out, and whether the expression stays.

Identity transfer: share of swaps that `identity.Likeness` finds more like another picture of their source than like
another picture of their target; what untouched targets and real pictures of the sources get tells its range.
What is kept of expressions is measured by `expression`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Pixels
from catchlight.generator.swap import frame
from catchlight.generator.swap.conditions import conditions, fitting
from catchlight.generator.swap.drawer import Drawn
from catchlight.generator.swap.expression import expression_kept, landmarks_of, mouth_kept, movement_kept
from catchlight.generator.swap.faces import Faces
from catchlight.generator.swap.identity import Likeness
from catchlight.generator.swap.lessons import Lessons
from catchlight.generator.swap.paste import paste
from catchlight.generator.types import Portrait

COLUMNS = 8  # of a sheet
GAP = 4  # px between its rows
SHARE = 0.1  # of these measures, which are noisy, in the score beside SSIM, which is not

Draw = Callable[[Any, Sequence[Portrait], Sequence[Portrait]], list[Drawn]]


@dataclass(frozen=True, slots=True)
class Trial:
    """Held-out swaps that a run is measured by.

    Attributes:
        sources: The faces to put in.
        targets: The faces to replace, of the same number and size.
        draw: How a network draws the ones in place of the others.
        likeness: Whose face is whose; None leaves identity unmeasured.
        others: For each swap another picture of its source's person and one of its target's.
        two: Whether all sources are one person, and all targets another.
    """

    sources: tuple[Portrait, ...]
    targets: tuple[Portrait, ...]
    draw: Draw
    likeness: Likeness | None
    others: tuple[tuple[Pixels, Pixels], ...]
    two: bool = False

    def swaps(self, model: Any) -> list[Pixels]:
        """The targets with their new faces, RGB uint8."""
        drawn = self.draw(model, self.sources, self.targets)
        still = np.eye(2, 3)
        return [paste(t.image, d, t, still).image for d, t in zip(drawn, self.targets, strict=True)]

    def measure(self, model: Any) -> dict[str, float]:
        """Identity transfer and what is kept of expressions, and their part in the score that decides the stop."""
        made = self.swaps(model)
        seen = landmarks_of(made)
        measured = {
            "expression": expression_kept(seen, self.sources, self.targets),
            "movement": movement_kept(seen, self.targets) if self.two else None,
            "mouth": mouth_kept(seen, self.targets),
            "identity": self.identity(made) if self.likeness else None,
        }
        found = {name: value for name, value in measured.items() if value is not None}
        # Between two people, their shapes are not to be alike, so only movement counts.
        counted = [value for name, value in found.items() if name != "expression" or "movement" not in found]
        return {**{k: round(v, 4) for k, v in found.items()}, "score": SHARE * float(np.mean(counted))}

    def identity(self, made: Sequence[Pixels]) -> float:
        """Share of pictures, one for each swap, that look more like the source's person; 0 to 1."""
        if self.likeness is None:
            return 0.0
        return self.likeness.nearer(made, [s for s, _ in self.others], [t for _, t in self.others])

    def sheet(self, model: Any) -> Pixels:
        """Sources, targets, what the network drew, and the swaps: four rows, RGB uint8."""
        chosen = slice(0, COLUMNS)
        sources, targets = self.sources[chosen], self.targets[chosen]
        drawn = self.draw(model, sources, targets)
        rows = [[p.image for p in sources], [p.image for p in targets], [d.image for d in drawn]]
        still = np.eye(2, 3)
        rows.append([paste(t.image, d, t, still).image for d, t in zip(drawn, targets, strict=True)])
        return np.concatenate([np.pad(np.hstack(row), [(0, GAP), (0, 0), (0, 0)]) for row in rows])


def one_shot_trial(faces: Faces, count: int, seed: int, likeness: Likeness | None) -> Trial:
    """Swaps between held-out people for a one-shot network; each source is the nearest of a few by its head's turn."""
    rng, turns = np.random.default_rng(seed), [frame.turn(points) for points in faces.landmarks]
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count:
        target, *others = (int(i) for i in rng.choice(len(faces), min(6, len(faces)), replace=False))
        strangers = [i for i in others if faces.people[i] != faces.people[target]]
        if strangers:
            pairs.append((min(strangers, key=lambda i: abs(abs(turns[i]) - abs(turns[target]))), target))
    groups = faces.groups()
    known = [tuple(_another(groups[faces.people[i]], i, rng) for i in pair) for pair in pairs]
    return Trial(
        tuple(faces.portrait(source) for source, _ in pairs),
        tuple(faces.portrait(target) for _, target in pairs),
        draw_one_shot,
        likeness,
        tuple((faces.images[a], faces.images[b]) for a, b in known),
    )


def pair_trial(a: Faces, b: Faces, count: int, likeness: Likeness | None) -> Trial:
    """Held-out faces of ``a`` with the face of ``b``."""
    chosen = [int(i) for i in np.linspace(0, len(a) - 1, min(count, len(a)))]
    sources = tuple(b.portrait(i % len(b)) for i in chosen)
    others = tuple((b.images[(i + 1) % len(b)], a.images[(i + len(a) // 2) % len(a)]) for i in chosen)
    return Trial(sources, tuple(a.portrait(i) for i in chosen), draw_pair, likeness, others, two=True)


def restored(lessons: Lessons) -> Callable[[Any], Pixels]:
    """Draws the sheet of an encoder for many people: held-out faces, and what is left of them, RGB uint8."""
    inputs, _ = lessons.held_out()
    shown = inputs[0][:COLUMNS]

    def sheet(model: Any) -> Pixels:
        made = _drawn(model(shown, training=False))
        rows = [list(shown.astype(np.uint8)), [d.image for d in made]]
        return np.concatenate([np.pad(np.hstack(row), [(0, GAP), (0, 0), (0, 0)]) for row in rows])

    return sheet


def _another(group: Sequence[int], index: int, rng: np.random.Generator) -> int:
    """Another picture of the same person, or the same one where there is no other."""
    left = [i for i in group if i != index]
    return int(rng.choice(left)) if left else index


def draw_one_shot(model: Any, sources: Sequence[Portrait], targets: Sequence[Portrait]) -> list[Drawn]:
    """With a one-shot network that is in training."""
    shown = np.stack([conditions(fitting(s, t), t) for s, t in zip(sources, targets, strict=True)])
    return _drawn(model(shown.astype(np.float32), training=False))


def draw_pair(model: Any, sources: Sequence[Portrait], targets: Sequence[Portrait]) -> list[Drawn]:
    """With a pair in training, whose second person is drawn."""
    shown = np.stack([t.image for t in targets]).astype(np.float32)
    return _drawn(
        model.get_layer("decoder_b")(model.get_layer("encoder")(shown, training=False), training=False)
    )


def _drawn(made: Any) -> list[Drawn]:
    values: NDArray[np.float32] = np.asarray(made, np.float32)
    images = np.clip(values[..., :3] * 255 + 0.5, 0, 255).astype(np.uint8)
    return [Drawn(image, np.clip(one[..., 3], 0, 1)) for image, one in zip(images, values, strict=True)]
