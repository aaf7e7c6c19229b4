"""Recipe and store -> the exact list of samples, before anything is made.

Each sample draws everything by a key of its own, so it is the same whatever is made before it, beside it or after it;
and a shorter list is the beginning of a longer one.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from typing import Any, Protocol

import numpy as np

from catchlight.datasets import degrade
from catchlight.datasets.batches import draw_jitter
from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector import align
from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator import registry
from catchlight.generator.donors import WITHIN_CLIP, ClipPairs, SwapPairs
from catchlight.generator.pairs import Sources, sources
from catchlight.generator.recipe import MethodShare, Recipe
from catchlight.generator.types import Forgery, Portrait, key


@dataclass(frozen=True, slots=True)
class Draft:
    """One sample as drawn: all that is needed to make it from a store.

    Attributes:
        id: Six digits or more; the place in the list.
        seed: The recipe's; forging draws from ``key(seed, id)``.
        recipe: The recipe's name and version.
        method: Name of the forgery method.
        options: For its factory, the hardness included.
        target: Path of the real picture in the store.
        donor: Path of the picture that gives the face or the moment; empty where the method takes none.
        jitter: Of the crop, for target and donor alike.
        history: What both members of the pair go through.
        side: Of the crop in pixels.
        format: ``jpeg`` or ``png``.
        quality: Of JPEG.
    """

    id: str
    seed: int
    recipe: str
    method: str
    options: Mapping[str, Any]
    target: str
    donor: str
    jitter: align.Jitter
    history: degrade.History
    side: int
    format: str
    quality: int

    @property
    def key(self) -> str:
        """The text of the manifest's column ``seed``."""
        return f"{self.seed}/{self.id}"

    @property
    def parameters(self) -> str:
        """The manifest's column of this name for the real partner: JSON, from which `from_row` makes the draft."""
        return json.dumps(self._table(), sort_keys=True, default=str)

    def parameters_of_fake(self, real: str) -> str:
        """The same for the forgery, with the path of its partner as ``real``."""
        return json.dumps({**self._table(), "real": real}, sort_keys=True, default=str)

    def _table(self) -> dict[str, Any]:
        table = {name: getattr(self, name) for name in _DRAWN}
        table["jitter"] = asdict(self.jitter)
        table["history"] = [[step.name, *step.values] for step in self.history]
        return table


_DRAWN = tuple(field.name for field in fields(Draft) if field.name not in ("id", "seed", "recipe"))


def from_row(row: Sample) -> Draft:
    """The draft of a row that `run` wrote.

    Raises:
        DataError: The row was not made by a recipe, or was edited.
    """
    seed, _, name = row.seed.partition("/")
    try:
        table = json.loads(row.parameters)
        table.pop("real", None)
        table["jitter"]["shift"] = tuple(table["jitter"]["shift"])
        table["jitter"] = align.Jitter(**table["jitter"])
        table["history"] = tuple(degrade.Step(step, tuple(values)) for step, *values in table["history"])
        return Draft(id=name, seed=int(seed), recipe=row.recipe, **table)
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"the row of {row.path} does not say how it was made: {error!r}; expected the columns seed and "
            "parameters as `catchlight generate` writes them"
        ) from error


def plan(recipe: Recipe, store: Store, count: int | None = None) -> tuple[Draft, ...]:
    """The list of samples.

    Args:
        recipe: The recipe.
        store: The real faces.
        count: Number of samples; the recipe's without it.

    Returns:
        One draft a sample, in order.

    Raises:
        DataError: The store can't feed a method: no real picture, one person only, no clips.
        ConfigError: A method does not take the options that the recipe names.
    """
    feeds = _Feeds(recipe, store)
    wanted = recipe.head.count if count is None else count
    shares = islice(in_turn(recipe.methods), wanted)
    return tuple(_draft(recipe, feeds, share, f"{number:06d}") for number, share in enumerate(shares))


def in_turn(methods: Sequence[MethodShare]) -> Iterator[MethodShare]:
    """The methods for ever, so mixed that every beginning holds each by its share, but for one sample."""
    total = sum(method.share for method in methods)
    credit = [0.0] * len(methods)
    while True:
        credit = [have + method.share for have, method in zip(credit, methods, strict=True)]
        richest = max(range(len(methods)), key=lambda i: credit[i])
        credit[richest] -= total
        yield methods[richest]


def _draft(recipe: Recipe, feeds: _Feeds, share: MethodShare, name: str) -> Draft:
    head, rng = recipe.head, key(recipe.head.seed, f"{name}/plan")
    options = {
        k: v[int(rng.integers(len(v)))] if isinstance(v, list) else v for k, v in share.options.items()
    }
    if share.hardness:
        options["hardness"] = _hardness(share.hardness, rng)
    feed = feeds.of(share, options, rng)
    target = feed.reals.draw(rng)
    donor = feed.samples[feed.donors.donor(target, rng)].path if feed.donors else ""
    return Draft(
        id=name,
        seed=head.seed,
        recipe=recipe.title,
        method=share.name,
        options=options,
        target=feed.samples[target].path,
        donor=donor,
        jitter=draw_jitter(rng),
        history=degrade.draw(rng, recipe.degrade.strength),
        side=head.side,
        format=head.format,
        quality=head.quality,
    )


def _hardness(limits: Sequence[float], rng: np.random.Generator) -> float:
    """Drawn in twentieths: a method that loads a network is made once for each, not for every sample."""
    low, high = limits
    return min(max(round(20 * float(rng.uniform(low, high))) / 20, low), high)


class _Donors(Protocol):
    reals: Sources

    def donor(self, index: int, rng: np.random.Generator) -> int: ...


@dataclass(frozen=True, slots=True)
class _Feed:
    """Real pictures of one split, and who gives the face."""

    reals: Sources
    donors: _Donors | None

    @property
    def samples(self) -> tuple[Sample, ...]:
        return self.reals.store.samples


@dataclass(slots=True)
class _Feeds:
    """The feeds of a recipe, made when a method first asks."""

    recipe: Recipe
    store: Store
    splits: dict[str, int] = field(init=False)
    made: dict[tuple[str, str], _Feed] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found: dict[str, int] = {}
        wanted = self.recipe.real.split
        for sample in self.store.samples:
            if sample.label == "real" and wanted in (sample.split, "all"):
                found[sample.split] = found.get(sample.split, 0) + 1
        if not found:
            raise DataError(f"store {self.store.folder} has no real picture in split {wanted!r}")
        self.splits = dict(sorted(found.items()))

    def of(self, share: MethodShare, options: Mapping[str, Any], rng: np.random.Generator) -> _Feed:
        """The feed of one sample: a split by its size, and the kind of donor that the method takes."""
        sizes = np.array(list(self.splits.values()), float)
        split = list(self.splits)[int(rng.choice(len(sizes), p=sizes / sizes.sum()))]
        shape = json.dumps([share.name, {**options, "hardness": None}, share.donor], sort_keys=True)
        if shape not in self.kinds:
            self.kinds[shape] = _kind(share, options)
        kind = self.kinds[shape]
        if (split, kind) not in self.made:
            self.made[split, kind] = self._feed(split, kind)
        return self.made[split, kind]

    def _feed(self, split: str, kind: str) -> _Feed:
        reals = sources(self.store, split, self.recipe.real.weights)
        if not kind:
            return _Feed(reals, None)
        donors: _Donors = (SwapPairs if kind == "person" else ClipPairs)(reals, _unused)
        return _Feed(donors.reals, donors)


def _unused(target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
    """Stands for a method where only donors are drawn."""
    raise ConfigError("donors are drawn here, nothing is forged")


def _kind(share: MethodShare, options: Mapping[str, Any]) -> str:
    """Who gives the face for a method: ``person``, ``clip`` or nobody."""
    factory = registry.factory(share.name)
    try:
        inspect.signature(factory).bind(**options)
    except TypeError as error:
        raise ConfigError(
            f"method {share.name!r} can't be made with the options {dict(options)}: {error}"
        ) from error
    # Built-in ones say so on the class: to make a reconstruction would load TensorFlow for nothing.
    asked = factory if share.name in registry.BUILT_IN else registry.create(share.name, **options)
    if not getattr(asked, "needs_source", False):
        return ""
    return share.donor or ("clip" if share.name in WITHIN_CLIP else "person")
