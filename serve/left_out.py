"""How well a tool is recognised that nobody showed: each in turn is left out of the last layer's examples.

Held-out people tell how a detector does on other people, not on other tools, and a few tools held out for good are few.
Here the network stays as it is and its last layer is fitted as often as there are tools, each time without one of
them, whose forgeries are then told from real people, of one collection after the other: a detector that knows which
collection is real, and not what is forged, shows it by columns that differ. For a network that was trained on no
tool's frames all of them are new (leave-one-domain-out, Gulrajani & Lopez-Paz, "In search of lost domain
generalization", ICLR 2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.batches import cut_sample
from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector import metrics
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.metrics import Estimate
from catchlight.detector.models import last_layer
from catchlight.detector.models.last_layer import Examples
from catchlight.detector.types import MediaKind, Scores
from catchlight.generator.balanced import CHUNK, examples
from catchlight.generator.indifferent import varied
from catchlight.serve.training import RunConfig

KNOWN = ("known_images", "known_frames")  # tiers that mix all tools, so that none could be left out of them


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How well one tool was told from real people when nobody had shown it.

    Attributes:
        tool: Its name.
        kind: What it makes.
        clips: How many of its clips or pictures were judged.
        auc: Against all real people of its kind of medium.
        by_collection: AUC against the real people of each collection alone.
    """

    tool: str
    kind: MediaKind
    clips: int
    auc: Estimate
    by_collection: dict[str, float]


def leave_out(
    config: RunConfig,
    store: Store,
    model: Any,
    *,
    together: Sequence[Sequence[str]] = (),
    all_clips: bool = False,
    report: Callable[[LeftOut], None] | None = None,
    reading: Callable[[int], None] | None = None,
) -> tuple[LeftOut, ...]:
    """Leave each tool of a store out of the last layer's examples, in turn.

    Args:
        config: As for training; its last layer is fitted with `LastLayerConfig.strength`, which must be over 0.
        store: The store of faces; of the held-out people all are judged.
        model: The trained `keras.Model`.
        together: Tools that leave together, because they show the same people (one demonstration page, say).
        all_clips: Judge a tool's forgeries of the training split as well: right for a network that was trained on
            none of them.
        report: Called with each result.
        reading: Called with how many pictures the network has looked at, of thousands, before the first result.

    Raises:
        ConfigError: If the strength is 0, or ``together`` names a tool that the store does not have.
        DataError: If the store holds no tool or no held-out real people of its kind of medium.
    """
    if config.last_layer.strength <= 0:
        raise ConfigError("strength in [last_layer] must be over 0 to fit last layers, received 0")
    rounds = _rounds(store, together)
    layer, network = config.last_layer, config.network
    ignored = last_layer.ignored_by(model, varied(store, layer.indifferent, network.side, network.seed))
    count = _Count(reading)
    shown = last_layer.read_all(model, count.each(_without_known(config, store)))
    chosen = store.where(lambda s: s.split == "val" or (all_clips and s.label == "fake"))
    judged = last_layer.read_all(model, count.each(_judged(store, chosen, config.network.side)))
    media = _media([store.samples[index] for index in chosen], config.tiers.video_collections)
    results = []
    for tools in rounds:
        kernel, bias = last_layer.fitted(
            shown.only(~np.isin(shown.methods, tools)), layer.strength, network.seed, ignored
        )
        logits = (judged.features @ kernel + bias)[:, 0].astype(np.float64)
        for tool in tools:
            results.append(_result(tool, logits, media))
            if report:
                report(results[-1])
    return tuple(results)


def mean_over_tools(rows: Sequence[LeftOut], seed: int = 0) -> Estimate:
    """Mean AUC with an interval that resamples tools, for these are the few."""
    return metrics.mean([row.auc.value for row in rows], seed=seed)


def _rounds(store: Store, together: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    tools = sorted({sample.method for sample in store.samples if sample.label == "fake"})
    if not tools:
        raise DataError(f"{store.folder} holds no forgeries by tools; expected some of other parties")
    named = [name for names in together for name in names]
    if wrong := sorted(set(named) - set(tools)):
        raise ConfigError(f"the store has no tool {', '.join(wrong)}; it has {', '.join(tools)}")
    if len(set(named)) < len(named):
        raise ConfigError(f"a tool can leave once only, received {', '.join(sorted(named))}")
    return [tuple(names) for names in together] + [(tool,) for tool in tools if tool not in named]


def _without_known(config: RunConfig, store: Store) -> Iterator[Examples]:
    pairs = {name: count for name, count in config.tiers.pairs.items() if name not in KNOWN}
    return examples(
        store,
        replace(config.tiers, pairs=pairs),
        config.last_layer,
        config.network.side,
        config.network.seed,
    )


class _Count:
    """Tells how many pictures have passed."""

    def __init__(self, tell: Callable[[int], None] | None) -> None:
        self._tell, self._passed = tell, 0

    def each(self, parts: Iterator[Examples]) -> Iterator[Examples]:
        for part in parts:
            yield part
            self._passed += len(part.labels)
            if self._tell:
                self._tell(self._passed)


def _judged(store: Store, chosen: Sequence[int], side: int) -> Iterator[Examples]:
    for start in range(0, len(chosen), CHUNK):
        part = chosen[start : start + CHUNK]
        crops = np.stack([cut_sample(store, index, side, None)[0] for index in part])
        yield Examples("judged", crops, np.zeros(len(part), np.int64), np.ones(len(part)))


@dataclass(frozen=True, slots=True)
class _Media:
    """The media that the judged pictures are of; ``of`` says which one, shape (pictures,)."""

    of: NDArray[np.int64]
    samples: tuple[Sample, ...]
    kinds: tuple[MediaKind, ...]

    def logits(self, of_pictures: Scores) -> Scores:
        """The mean logit of each medium's pictures."""
        count = np.bincount(self.of)
        return np.bincount(self.of, of_pictures) / count


def _media(chosen: Sequence[Sample], video_collections: Sequence[str]) -> _Media:
    first: dict[str, Sample] = {}
    for sample in chosen:
        first.setdefault(sample.medium, sample)
    number = {medium: index for index, medium in enumerate(first)}
    kinds: tuple[MediaKind, ...] = tuple(
        "video" if sample.source in video_collections else sample.kind for sample in first.values()
    )
    return _Media(np.array([number[sample.medium] for sample in chosen]), tuple(first.values()), kinds)


def _result(tool: str, of_pictures: Scores, media: _Media) -> LeftOut:
    logits, samples = media.logits(of_pictures), media.samples
    fake = np.array([sample.method == tool for sample in samples])
    kind = media.kinds[int(np.argmax(fake))]
    real = np.array([s.label == "real" and k == kind for s, k in zip(samples, media.kinds, strict=True)])
    if not real.any():
        raise DataError(f"{tool} makes media of kind {kind}, and the store holds out no real people of it")
    people = [sample.person for sample in samples]
    both = np.flatnonzero(fake | real)
    auc = metrics.estimate(logits[both], fake[both], [people[i] for i in both])
    sources = np.array([sample.source for sample in samples])
    by_collection = {}
    for name in np.unique(sources[real]):
        part = fake | (real & (sources == name))
        by_collection[str(name)] = metrics.auc(logits[part], fake[part])
    return LeftOut(tool, kind, int(fake.sum()), auc, by_collection)


def to_markdown(rows: Sequence[LeftOut]) -> str:
    """A table for each kind of medium, with the mean over its tools."""
    return "\n".join(
        _table([row for row in rows if row.kind == kind]) for kind in sorted({r.kind for r in rows})
    )


def _table(rows: Sequence[LeftOut]) -> str:
    collections = sorted({name for row in rows for name in row.by_collection})
    cells = [
        (row.tool, str(row.clips), str(row.auc), *(f"{row.by_collection[c]:.3f}" for c in collections))
        for row in sorted(rows, key=lambda row: row.auc.value)
    ]
    if len(rows) > 1:  # of a single tool nobody knows how tools vary
        means = (f"{np.mean([row.by_collection[c] for row in rows]):.3f}" for c in collections)
        cells.append((f"mean of {len(rows)}", "", str(mean_over_tools(rows)), *means))
    head = (f"left out ({rows[0].kind})", "clips or pictures", "AUC [95 %]", *(f"v {c}" for c in collections))
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(head), *cells))
