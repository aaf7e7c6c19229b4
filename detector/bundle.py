"""A trained detector on disk: a folder with networks, calibration, model card and the hash of each.

    mobilenet/
      bundle.json             the manifest (schema 1): what is here, its hashes, what the network takes and gives
      network.float.tflite    one or more forms of the same network
      network.int8.tflite
      calibration.json        how scores become probabilities (`catchlight.detector.calibrate`)
      card.md                 what it was trained on, what it was measured to do, where it fails

A bundle is the only thing that scoring needs. The manifest's own hash names it in every report.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catchlight.detector.calibration import Calibration
from catchlight.detector.errors import BundleError, CatchlightError

SCHEMA = 1
MANIFEST = "bundle.json"
HOME = Path(__file__).parent / "bundles"


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """What a bundle says about its network.

    Attributes:
        side: Side of the square input in pixels.
        backbone: Name of the architecture.
        files: Form (``float``, ``int8``) to file name.
        default: The form that scoring uses.
        outputs: Output (``score``, and ``heatmap`` where there is one) to the shape of one image's tensor.
    """

    side: int
    backbone: str
    files: Mapping[str, str]
    default: str
    outputs: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle; every file in it had the hash that its manifest promises.

    Attributes:
        folder: Where it lies.
        name: The detector's name, as in reports.
        version: The detector's version.
        created: When it was made, ISO 8601 in UTC.
        network: What its network takes and gives.
        calibration: How its scores become probabilities.
        card: The model card, Markdown.
        sha256: Hash of the manifest, and through it of everything here.
    """

    folder: Path
    name: str
    version: str
    created: str
    network: NetworkSpec
    calibration: Calibration
    card: str
    sha256: str

    def network_file(self, form: str | None = None) -> Path:
        """The path of the network in one of its forms; the default form when none is named.

        Raises:
            BundleError: The bundle has no such form.
        """
        form = form or self.network.default
        if form not in self.network.files:
            have = ", ".join(sorted(self.network.files))
            raise BundleError(f"bundle {self.name!r} has no network in the form {form!r}. It has: {have}")
        return self.folder / self.network.files[form]


def find(name: str) -> Path:
    """The folder of a bundle that comes with the package.

    Raises:
        BundleError: There is none of that name; the message lists those there are.
    """
    folder = HOME / name
    if not (folder / MANIFEST).is_file():
        have = sorted(path.parent.name for path in HOME.glob(f"*/{MANIFEST}"))
        raise BundleError(
            f"no trained bundle {name!r} comes with this installation (it has: {', '.join(have) or 'none'}). "
            f"Train one with `catchlight train`, or give the path of a bundle's folder."
        )
    return folder


def load(where: str | os.PathLike[str]) -> Bundle:
    """Read and verify a bundle.

    Args:
        where: The folder of a bundle, or the name of one that comes with the package.

    Raises:
        BundleError: No bundle there, of another schema, incomplete, or changed since it was saved.

    Example:
        >>> from catchlight.detector.bundle import load
        >>> load("mobilenet").network.side              # doctest: +SKIP
        224
    """
    folder = Path(where) if Path(where).is_dir() else find(os.fspath(where))
    raw, manifest = _read_manifest(folder)
    try:
        _verify_files(folder, manifest["sha256"])
        return _bundle(folder, manifest, hashlib.sha256(raw).hexdigest())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"no field {error}" if isinstance(error, KeyError) else str(error)
        raise BundleError(
            f"the manifest {folder / MANIFEST} breaks schema {SCHEMA}: {reason}. Save it anew."
        ) from error


def save(
    folder: str | os.PathLike[str],
    *,
    name: str,
    version: str,
    side: int,
    backbone: str,
    networks: Mapping[str, bytes],
    default: str,
    outputs: Mapping[str, tuple[int, ...]],
    calibration: Calibration,
    card: str,
) -> Bundle:
    """Write a bundle, all of it or nothing.

    It is written beside its place, read back and verified, and only then moved there; a bundle that was
    there before stays untouched until that moment.

    Args:
        folder: Where the bundle shall lie; its parent is made when absent.
        name: The detector's name.
        version: The detector's version.
        side: Side of the network's square input in pixels.
        backbone: Name of the architecture.
        networks: Form (``float``, ``int8``) to the bytes of a TFLite file.
        default: The form that scoring shall use.
        outputs: ``score`` and, where there is one, ``heatmap``, to the shape of the tensor.
        calibration: How its scores become probabilities.
        card: The model card, Markdown.

    Raises:
        BundleError: What was given does not make a valid bundle.
    """
    target = Path(folder)
    files = {form: f"network.{form}.tflite" for form in networks}
    contents = {files[form]: data for form, data in networks.items()}
    contents["calibration.json"] = _to_json(calibration.to_dict())
    contents["card.md"] = card.encode()
    manifest = {
        "schema": SCHEMA,
        "name": name,
        "version": version,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "network": {
            "side": side,
            "backbone": backbone,
            "files": files,
            "default": default,
            "outputs": {output: list(shape) for output, shape in outputs.items()},
        },
        "calibration": "calibration.json",
        "card": "card.md",
        "sha256": {file: hashlib.sha256(data).hexdigest() for file, data in contents.items()},
    }
    contents[MANIFEST] = _to_json(manifest)
    _move_into_place(contents, target)
    return load(target)


def _to_json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _read_manifest(folder: Path) -> tuple[bytes, dict[str, Any]]:
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
        manifest = json.loads(raw)
    except OSError as error:
        raise BundleError(f"{folder} is no bundle: {MANIFEST} can't be read ({error.strerror}).") from error
    except ValueError as error:
        raise BundleError(f"{path} is not JSON ({error}). Save the bundle anew.") from error
    found = manifest.get("schema") if isinstance(manifest, dict) else None
    if found != SCHEMA:
        raise BundleError(
            f"{path} has schema {found!r}; this version of catchlight reads schema {SCHEMA}. "
            "Train the detector anew, or install the version of catchlight that made it."
        )
    return raw, manifest


def _verify_files(folder: Path, hashes: Mapping[str, str]) -> None:
    for file, expected in hashes.items():
        if Path(file).name != file:
            raise BundleError(
                f"the bundle {folder} names {file!r}, which lies outside it. Don't use this bundle."
            )
        path = folder / file
        if not path.is_file():
            raise BundleError(
                f"the bundle {folder} lacks {file}, which its manifest promises. Copy it again."
            )
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise BundleError(
                f"{path} was changed or damaged: expected sha256 {expected}, found {found}. Copy it again."
            )


def _bundle(folder: Path, manifest: dict[str, Any], sha256: str) -> Bundle:
    network = _network(manifest["network"])
    for file in (*network.files.values(), manifest["calibration"], manifest["card"]):
        if file not in manifest["sha256"]:
            raise ValueError(f"{file!r} has no hash under 'sha256'")
    return Bundle(
        folder=folder,
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        created=str(manifest["created"]),
        network=network,
        calibration=_calibration(folder / manifest["calibration"]),
        card=(folder / manifest["card"]).read_text(encoding="utf-8"),
        sha256=sha256,
    )


def _network(entry: dict[str, Any]) -> NetworkSpec:
    spec = NetworkSpec(
        side=int(entry["side"]),
        backbone=str(entry["backbone"]),
        files=dict(entry["files"]),
        default=str(entry["default"]),
        outputs={output: tuple(shape) for output, shape in entry["outputs"].items()},
    )
    if spec.side < 1:
        raise ValueError(f"network.side must be positive, received {spec.side}")
    if spec.default not in spec.files:
        raise ValueError(f"network.default is {spec.default!r}, but network.files has {sorted(spec.files)}")
    if "score" not in spec.outputs:
        raise ValueError(f"network.outputs must name 'score', received {sorted(spec.outputs)}")
    return spec


def _calibration(path: Path) -> Calibration:
    try:
        return Calibration.from_dict(json.loads(path.read_bytes()))
    except CatchlightError as error:
        raise BundleError(f"the calibration {path} can't be used: {error}") from error


def _move_into_place(contents: Mapping[str, bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target: a rename is atomic on one file system only.
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".partial"))
    try:
        for file, data in contents.items():
            (partial / file).write_bytes(data)
        partial.chmod(0o755)
        load(partial)
        _swap(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _swap(partial: Path, target: Path) -> None:
    if not target.exists():
        partial.replace(target)
        return
    # A folder can't be replaced by a folder in one step, so the old one steps aside and comes back on failure.
    if not (target / MANIFEST).is_file():
        raise BundleError(f"{target} exists and is no bundle; it is left alone. Choose another folder.")
    aside = partial.with_suffix(".old.partial")
    target.replace(aside)
    try:
        partial.replace(target)
    except OSError:
        aside.replace(target)
        raise
    shutil.rmtree(aside)
