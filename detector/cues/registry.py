"""Finds cues by name: built-ins and installed plug-ins (entry points of the group ``catchlight.cues``).

# blush.py, named by an entry point: blush = blush:Blush
from catchlight.detector.cues.person import absent, found

class Blush:
    unit = "levels"

    def measure(self, person):
        if not len(person.skin):
            return absent("no skin was seen")
        red = float((person.skin[:, 0] - person.skin[:, 1]).mean())
        return found(red, self.unit, 0.5, f"the skin is {red:.0f} levels redder than green")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from catchlight.detector.cues.person import Person
from catchlight.detector.errors import ConfigError
from catchlight.detector.plugins import Plugins
from catchlight.detector.types import Cue

BUILT_IN = {
    "blink": "catchlight.detector.cues.blink:Blink",
    "catchlight": "catchlight.detector.cues.catchlight:Catchlight",
    "eyes": "catchlight.detector.cues.eyes:Eyes",
    "pose": "catchlight.detector.cues.pose:HeadPose",
    "jitter": "catchlight.detector.cues.jitter:Jitter",
    "seam": "catchlight.detector.cues.seam:Seam",
    "light": "catchlight.detector.cues.light:Light",
    "texture": "catchlight.detector.cues.texture:Texture",
    "mouth": "catchlight.detector.cues.mouth:Mouth",
    "speech": "catchlight.detector.cues.speech:Speech",
    "pulse": "catchlight.detector.cues.pulse:Pulse",
}
PLUGINS = Plugins("cue", "catchlight.cues", BUILT_IN)


class Meter(Protocol):
    """Measures one cue of one person.

    Optional attributes, found by name:

    - ``temporal: bool``: it needs landmarks densely in time, which costs a second pass over the clip.
    - ``sound: bool``: it needs the sound.
    - ``judged_from: float``: seconds watched below which the value is told, but not held against the normal range.
    - ``tolerance: float``: how far the value of a mirrored person may be off, besides two hundredths of it.
    - ``low: str``, ``high: str``: what a value under or over the normal range means, in words for the report;
      without it that side is never told as a reason.
    """

    unit: str

    def measure(self, person: Person) -> Cue:
        """The measurement, or why there is none. Never raises, and never gives a number that is not finite."""
        ...


def names() -> tuple[str, ...]:
    """All cues that are installed: ours in the order of the report, then those of others by name."""
    others = [name for name in PLUGINS.names() if name not in BUILT_IN]
    return (*BUILT_IN, *others)


def create(name: str) -> Meter:
    """Make the meter of a cue.

    Args:
        name: One of `names()`, or ``package.module:factory``.

    Raises:
        UnknownName: No such cue; the message lists the valid names.
        ConfigError: The plug-in can't be imported, or what it makes can't measure.

    Example:
        >>> create("blink").unit
        'a minute'
    """
    meter = PLUGINS.factory(name)()
    if not callable(getattr(meter, "measure", None)) or not isinstance(getattr(meter, "unit", None), str):
        raise ConfigError(
            f"cue {name!r} makes a {type(meter).__name__}, which lacks measure(person) or unit. "
            "See catchlight.detector.cues.registry.Meter."
        )
    return cast(Meter, meter)


def meters(wanted: Sequence[str] | None) -> dict[str, Meter]:
    """Name to meter: of the cues named, or of all that are installed when None. Raises as `create`."""
    return {name: create(name) for name in (names() if wanted is None else wanted)}
