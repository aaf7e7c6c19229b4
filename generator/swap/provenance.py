"""Says of every output that it is synthetic: in the container of a clip, in the XMP of a still; never in its pixels.

A mark in the pixels would be what a detector learns. `IPTC`: Digital Source Type of the IPTC Photo Metadata Standard.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from catchlight.datasets import files
from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
# Nothing of it is a photograph.
WHOLLY = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
STILLS = (".png", ".jpg", ".jpeg")
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" Iptc4xmpExt:DigitalSourceType="{iptc}">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{label}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def described(method: str, what: str = "face replaced", kind: str = IPTC) -> str:
    """The words that an output carries.

    Args:
        method: Name of the method.
        what: What it did.
        kind: `IPTC` or `WHOLLY`.

    Example:
        >>> described("autoencoder_swap").startswith("synthetic: face replaced by catchlight (autoencoder_swap)")
        True
    """
    return f"synthetic: {what} by catchlight ({method}); {kind}"


def save_still(path: Path, image: Pixels, label: str, kind: str = IPTC) -> None:
    """Write a still with its label.

    Args:
        path: To write: .png or .jpg.
        image: RGB uint8.
        label: What `described` gives.
        kind: `IPTC` or `WHOLLY`, as there.

    Raises:
        ConfigError: The suffix is another one.
        DataError: It can't be written.
    """
    if path.suffix.lower() not in STILLS:
        raise ConfigError(f"{path} must end in one of {', '.join(STILLS)}")
    xmp = _XMP.format(iptc=kind, label=label)
    with files.whole(path) as partial:
        if path.suffix.lower() == ".png":
            from PIL.PngImagePlugin import PngInfo

            facts = PngInfo()
            facts.add_itxt("XML:com.adobe.xmp", xmp)
            facts.add_text("Comment", label)
            Image.fromarray(image).save(partial, pnginfo=facts)
        else:
            Image.fromarray(image).save(partial, quality=95, subsampling=0, xmp=xmp.encode(), comment=label)
