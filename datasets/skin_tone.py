"""Skin tone and light of a face, as far as its pixels tell: by these nobody shall be judged.

The individual typology angle grows with the lightness of skin (Chardon, Cretois & Hourseau, "Skin colour typology and
suntanning pathways", International Journal of Cosmetic Science 13(4), 1991); it is the usual measure where nobody was
asked (Merler et al., "Diversity in Faces", 2019). It was made for a lamp in a laboratory. In a photograph the light of
the room is in it: a light-skinned person at night measures as dark. For fairness both matter, so no more is claimed
than "skin as it appears".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from catchlight.detector.types import Pixels

# Top, bottom, left and right of cheeks and nose, as shares of an aligned crop's side.
CHEEKS = (0.39, 0.70, 0.30, 0.70)
# Lower bounds in degrees; the six bands of Chardon et al., the two darkest and the three lightest taken together.
BANDS: Mapping[str, float] = {"dark or brown": -np.inf, "tan": 10.0, "intermediate": 28.0, "light": 41.0}


@dataclass(frozen=True, slots=True)
class SkinTone:
    """How the skin of one face appears.

    Attributes:
        angle: Individual typology angle in degrees, -90 (dark) to 90 (light).
        lightness: L* of CIELAB, 0 to 100.
    """

    angle: float
    lightness: float

    @property
    def band(self) -> str:
        """Its name in `BANDS`."""
        return band_of(self.angle)


def band_of(angle: float) -> str:
    """The name in `BANDS` of an individual typology angle in degrees."""
    return [name for name, least in BANDS.items() if angle >= least][-1]


def skin_tone(crop: Pixels) -> SkinTone:
    """Measure one face.

    Args:
        crop: RGB uint8, shape (side, side, 3), an aligned face as detectors read it.

    Example:
        >>> light, dark = (np.full((160, 160, 3), tone, np.uint8) for tone in ((230, 190, 170), (90, 60, 45)))
        >>> skin_tone(light).band, skin_tone(dark).band
        ('light', 'dark or brown')
    """
    top, bottom, left, right = (round(share * len(crop)) for share in CHEEKS)
    cheeks = crop[top:bottom, left:right].astype(np.float32) / 255
    lightness, _, yellow = np.median(cv2.cvtColor(cheeks, cv2.COLOR_RGB2LAB).reshape(-1, 3), axis=0)
    # Skin is yellower than grey; a picture without colour has no angle but straight up or down.
    return SkinTone(float(np.degrees(np.arctan2(lightness - 50, max(yellow, 1e-3)))), float(lightness))
