"""A bundle is whole or is refused, and is written whole or not at all."""

from __future__ import annotations

import hashlib
import json

import pytest

from catchlight.detector import bundle
from catchlight.detector.bundle import MANIFEST, find, load, save
from catchlight.detector.errors import BundleError

NETWORKS = {"float": b"float network", "int8": b"int8 network"}


@pytest.fixture
def saving(tmp_path, calibration):
    """Saves a small bundle to a folder of a name, with changes."""

    def do(name="mine", **changes):
        settings = {
            "name": "mine",
            "version": "1.2",
            "side": 96,
            "backbone": "meso",
            "networks": NETWORKS,
            "default": "float",
            "outputs": {"score": (1,), "heatmap": (6, 6, 1)},
            "calibration": calibration,
            "card": "# Mine: ünïcode\n",
        }
        return save(tmp_path / "made" / name, **(settings | changes))

    return do


def rewrite(folder, **changes):
    """Change a manifest, as a careless hand or another version would."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps(manifest | changes), encoding="utf-8")


def test_what_is_saved_is_loaded(saving, calibration):
    saved = saving()
    loaded = load(saved.folder)
    assert loaded == saved
    assert (loaded.name, loaded.version, loaded.card) == ("mine", "1.2", "# Mine: ünïcode\n")
    assert (loaded.network.side, loaded.network.outputs) == (96, {"score": (1,), "heatmap": (6, 6, 1)})
    assert loaded.calibration == calibration
    assert loaded.sha256 == hashlib.sha256((saved.folder / MANIFEST).read_bytes()).hexdigest()


def test_networks_are_found_by_form(saving):
    made = saving(default="int8")
    assert made.network_file().read_bytes() == b"int8 network"
    assert made.network_file("float").read_bytes() == b"float network"
    with pytest.raises(BundleError, match=r"'fp8'.* float, int8"):
        made.network_file("fp8")


@pytest.mark.parametrize("file", ["network.int8.tflite", "calibration.json", "card.md"])
def test_a_changed_file_is_refused(saving, file):
    folder = saving().folder
    (folder / file).write_bytes((folder / file).read_bytes() + b" ")
    with pytest.raises(BundleError, match=rf"{file} was changed or damaged: expected sha256 \w+, found \w+"):
        load(folder)


def test_a_missing_file_is_refused(saving):
    folder = saving().folder
    (folder / "network.float.tflite").unlink()
    with pytest.raises(BundleError, match=r"lacks network\.float\.tflite"):
        load(folder)


def test_another_schema_is_refused_with_what_to_do(saving):
    folder = saving().folder
    rewrite(folder, schema=2)
    with pytest.raises(BundleError, match="has schema 2; this version of catchlight reads schema 1"):
        load(folder)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"network": None}, "breaks schema 1"),
        ({"sha256": {}}, "has no hash"),
        ({"sha256": {"../../secret": "00"}}, "lies outside"),
        (
            {"network": {"side": 0, "backbone": "", "files": {}, "default": "float", "outputs": {}}},
            "positive",
        ),
        ({"network": {"side": 9, "backbone": "", "files": {}, "default": "float", "outputs": {}}}, "default"),
        ({"network": {"side": 9}}, "no field 'backbone'"),
    ],
)
def test_a_manifest_that_breaks_the_schema_is_refused(saving, changes, what):
    folder = saving().folder
    rewrite(folder, **changes)
    with pytest.raises(BundleError, match=what):
        load(folder)


@pytest.mark.parametrize("text", ["{", "[]", '"bundle"', "\xff"])
def test_a_manifest_that_is_none_is_refused(saving, text):
    folder = saving().folder
    (folder / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises(BundleError):
        load(folder)


def test_a_folder_without_manifest_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match="is no bundle"):
        load(tmp_path)


def test_an_unknown_name_tells_those_there_are(saving, monkeypatch):
    home = saving().folder.parent
    monkeypatch.setattr(bundle, "HOME", home)
    assert find("mine") == home / "mine"
    assert load("mine").name == "mine"
    with pytest.raises(BundleError, match=r"'yours'.*it has: mine"):
        load("yours")


def test_saving_again_replaces_the_old_one_and_leaves_no_trace(saving):
    first, second = saving(), saving(card="# New\n")
    assert (first.sha256 != second.sha256, load(first.folder).card) == (True, "# New\n")
    assert [path.name for path in first.folder.parent.iterdir()] == ["mine"]


def test_a_bundle_that_would_be_invalid_never_reaches_its_place(saving):
    kept = saving()
    with pytest.raises(BundleError, match=r"network\.default is 'fp8'"):
        saving(default="fp8")
    with pytest.raises(BundleError, match="must name 'score'"):
        saving("other", outputs={"heatmap": (6, 6, 1)})
    assert load(kept.folder) == kept
    assert [path.name for path in kept.folder.parent.iterdir()] == ["mine"]


def test_saving_never_replaces_a_folder_that_is_no_bundle(saving, tmp_path):
    folder = tmp_path / "made" / "photos"
    folder.mkdir(parents=True)
    (folder / "wedding.jpg").write_bytes(b"precious")
    with pytest.raises(BundleError, match="is no bundle; it is left alone"):
        saving("photos")
    assert (folder / "wedding.jpg").read_bytes() == b"precious"
    assert [path.name for path in folder.parent.iterdir()] == ["photos"]


def test_bundles_of_the_package_are_whole():
    for manifest in bundle.HOME.glob(f"*/{MANIFEST}"):
        assert load(manifest.parent.name).name == manifest.parent.name
