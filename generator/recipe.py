"""A recipe: a TOML file that says which forgeries a set holds, in what shares, and from which random keys.

    [recipe]
    name = "mine"
    seed = 7

    [[methods]]
    name = "self_blend"
    share = 3

The checked-in recipes lie in generator/recipes and go by their names; docs/recipes.md explains every setting.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from catchlight.datasets.batches import HEATMAP_STRIDE
from catchlight.detector import config as settings
from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator import registry

FOLDER = Path(__file__).parent / "recipes"
SIDES = (64, 1024)
Format = Literal["jpeg", "png"]


@dataclass(frozen=True, slots=True)
class Head:
    """The table ``recipe``; every default is commented."""

    name: str  # goes into every row
    version: str = "1"  # count it up when the recipe changes
    seed: int = 1  # of all random keys
    side: int = 256  # px of the square crops
    count: int = 10_000  # samples, each a forgery and its real partner
    format: Format = "jpeg"  # jpeg is smaller and faster, png keeps every grey level
    quality: int = 95  # of JPEG, without colour subsampling

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.+-]+", self.name):
            raise ConfigError(
                f"[recipe] name: expected letters, digits and . + - _ only, received {self.name!r}"
            )
        if self.count < 1 or not 1 <= self.quality <= 100 or self.seed < 0:
            raise ConfigError(
                "[recipe] expected count above 0, quality from 1 to 100 and seed from 0 on; "
                f"received {self.count}, {self.quality} and {self.seed}"
            )
        if not SIDES[0] <= self.side <= SIDES[1] or self.side % HEATMAP_STRIDE:
            raise ConfigError(
                f"[recipe] side: expected {SIDES[0]} to {SIDES[1]} px, a multiple of {HEATMAP_STRIDE} as "
                f"networks take it, received {self.side}"
            )


@dataclass(frozen=True, slots=True)
class MethodShare:
    """One entry of ``[[methods]]``; every default is commented."""

    name: str  # of the registry, or package.module:factory
    share: float = 1.0  # weight against the other entries
    options: Mapping[str, Any] = field(default_factory=dict)  # for the factory; of a list, one is drawn
    hardness: tuple[float, ...] = ()  # from, to; without it the method draws its strength itself
    donor: Literal["", "person", "clip"] = ""  # who gives the face; without it as the method is meant

    def __post_init__(self) -> None:
        if ":" not in self.name and self.name not in registry.names():
            raise UnknownName("method", self.name, registry.names())
        if not self.share > 0:
            raise ConfigError(f"[[methods]] {self.name}: share must be above 0, received {self.share}")
        if self.hardness and not (len(self.hardness) == 2 and 0 <= self.hardness[0] <= self.hardness[1] <= 1):
            raise ConfigError(
                f"[[methods]] {self.name}: hardness must be [from, to] within 0 to 1, "
                f"received {list(self.hardness)}"
            )
        if [] in self.options.values():
            raise ConfigError(f"[[methods]] {self.name}: an empty list of options leaves nothing to draw")


@dataclass(frozen=True, slots=True)
class DegradeShare:
    """The table ``degrade``; every default is commented."""

    strength: float = 1.0  # factor on the probability of each degradation, 0 (none) to 1

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise ConfigError(f"[degrade] strength must be from 0 to 1, received {self.strength}")


@dataclass(frozen=True, slots=True)
class Reals:
    """The table ``real``; every default is commented."""

    split: Literal["train", "val", "all"] = "train"  # side of the store's split; all keeps each sample's
    weights: Mapping[str, float] = field(default_factory=dict)  # collection to weight, else root of its size


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe as read.

    Attributes:
        head: Name, seed, size, format.
        methods: What is forged, in what shares.
        degrade: What both members of a pair go through.
        real: The real pictures that forgeries are made of.
    """

    head: Head
    methods: tuple[MethodShare, ...]
    degrade: DegradeShare = field(default_factory=DegradeShare)
    real: Reals = field(default_factory=Reals)

    @property
    def title(self) -> str:
        """Name and version, as they stand in every row."""
        return f"{self.head.name}/{self.head.version}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all settings but ``count``: a shorter list is the beginning of a longer one."""
        table = asdict(self)
        del table["head"]["count"]
        return hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest()


def names() -> tuple[str, ...]:
    """Names of the checked-in recipes, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def find(recipe: str) -> Path:
    """The file of a recipe: a checked-in one's name, or a path that ends in ``.toml``.

    Raises:
        UnknownName: It is neither; the message lists the checked-in ones.

    Example:
        >>> find("quick").name
        'quick.toml'
    """
    if recipe in names():
        return FOLDER / f"{recipe}.toml"
    if not recipe.endswith(".toml"):
        raise UnknownName("recipe", recipe, names())
    return Path(recipe)


def read(recipe: str | Path) -> Recipe:
    """Read a recipe.

    Args:
        recipe: A path, or the name of a checked-in one.

    Raises:
        UnknownName: A setting, method or recipe of this name does not exist; the message lists the valid ones.
        ConfigError: The file can't be read, or a setting has a wrong type or value; the message says which.

    Example:
        >>> read("quick").title
        'quick/1'
    """
    path = find(str(recipe))
    table = settings.read_toml(path)
    valid = ("recipe", "methods", "degrade", "real")
    for name in table:
        if name not in valid:
            raise UnknownName(f"table in {path}", name, valid)
    entries = table.get("methods")
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{path}: expected at least one [[methods]] with a name and a share, received none")
    methods = tuple(settings.build(MethodShare, entry, f"{path} [[methods]]") for entry in entries)
    return Recipe(
        settings.build(Head, table.get("recipe", {}), f"{path} [recipe]"),
        methods,
        settings.build(DegradeShare, table.get("degrade", {}), f"{path} [degrade]"),
        settings.build(Reals, table.get("real", {}), f"{path} [real]"),
    )
