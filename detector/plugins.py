"""Name -> factory, for everything that strangers can add: built-ins, installed plug-ins, `package.module:factory`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from catchlight.detector.errors import ConfigError, UnknownName

Factory = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Plugins:
    """The plug-ins of one kind.

    Attributes:
        what: What one is called in errors, as in ``detector``.
        group: Group of entry points by which installed packages add theirs.
        built_in: Name to ``package.module:factory``.

    Example:
        >>> Plugins("number", "example.numbers", {"half": "fractions:Fraction"}).factory("half")("1/2")
        Fraction(1, 2)
    """

    what: str
    group: str
    built_in: Mapping[str, str]

    def names(self) -> tuple[str, ...]:
        """All names, sorted; what is given as ``package.module:factory`` has none."""
        return tuple(sorted({*self.built_in, *(point.name for point in entry_points(group=self.group))}))

    def factory(self, name: str) -> Factory:
        """The factory of a name: a built-in, else an entry point, else ``package.module:factory``.

        Raises:
            UnknownName: No such name; the message lists the valid ones.
            ConfigError: The module can't be imported, or has no such factory.
        """
        if name in self.built_in:
            return self._loaded(EntryPoint(name, self.built_in[name], self.group))
        for point in entry_points(group=self.group, name=name):
            return self._loaded(point)
        if ":" in name:
            return self._loaded(EntryPoint(name, name, self.group))
        raise UnknownName(self.what, name, self.names())

    def _loaded(self, point: EntryPoint) -> Factory:
        module, _, factory = point.value.partition(":")
        try:
            found = getattr(importlib.import_module(module), factory)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigError(
                f"{self.what} {point.name!r} can't be loaded as package.module:factory: {error}. "
                "Is the module's folder on PYTHONPATH, and the factory's name right?"
            ) from error
        if not callable(found):
            raise ConfigError(
                f"{self.what} {point.name!r} names {factory!r}, which can't be called to make a {self.what}."
            )
        return cast(Factory, found)
