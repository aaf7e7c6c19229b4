"""One sample is made again from its row alone, and what was changed is told."""

import dataclasses

import pytest

from catchlight.datasets import manifest
from catchlight.detector.errors import DataError
from catchlight.generator.explain import explain


@pytest.mark.parametrize("sample", ["000003", "3", "images/000/000003-fake.jpg", "masks/000/000003.png"])
def test_a_sample_is_the_one_that_its_row_describes(finished, sample):
    found = explain(finished, sample)
    assert found.fits
    assert found.draft.id == "000003"
    assert [proof.path for proof in found.proofs] == [
        "images/000/000003-real.jpg",
        "images/000/000003-fake.jpg",
        "masks/000/000003.png",
    ]


def test_every_method_can_be_made_again(finished):
    methods = {
        explain(finished, str(number)).draft.method
        for number in range(7)
        if explain(finished, str(number)).fits
    }
    assert methods == {"self_blend", "face_swap", "reenact", "local_edit"}


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_changed_file_is_told(out, changed):
    path = explain(out, "5").proofs[changed].path
    (out / path).write_bytes(b"other")
    assert [proof.fits for proof in explain(out, "5").proofs] == [number != changed for number in range(3)]
    (out / path).unlink()
    assert explain(out, "5").proofs[changed].stored == "no such file"


def edit(out, **changes):
    rows = manifest.read(out)
    manifest.write(
        out / manifest.FILENAME, [*rows[:10], rows[10], dataclasses.replace(rows[11], **changes), *rows[12:]]
    )


def test_an_edited_row_is_told(out):
    edit(out, sha256="0" * 64)
    assert [proof.fits for proof in explain(out, "5").proofs] == [True, False, True]


def test_a_row_that_says_another_jitter_makes_another_picture(out):
    row = manifest.read(out)[11]
    edit(
        out,
        parameters=row.parameters.replace('"flip": true', '"flip": null')
        .replace('"flip": false', '"flip": true')
        .replace('"flip": null', '"flip": false'),
    )
    assert not explain(out, "5").fits


def test_unknown_samples_are_answered_with_the_known(finished):
    with pytest.raises(DataError, match="no sample '99'; it has 000000 to 000039"):
        explain(finished, "99")


def test_a_store_that_has_moved_can_be_named(out, drawn, tmp_path):
    state = out / ".catchlight" / "run.json"
    state.write_text(state.read_text().replace(str(drawn.folder.resolve()), str(tmp_path / "gone")))
    with pytest.raises(DataError, match=r"no longer in .*gone; say where it is with --faces"):
        explain(out, "1")
    assert explain(out, "1", drawn.folder).fits
