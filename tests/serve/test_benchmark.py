"""The benchmark reads an index, judges through the real pipeline, resumes, and tells by method."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import DataError
from catchlight.detector.pipeline import DetectConfig, Pipeline
from catchlight.serve import benchmark
from catchlight.serve.benchmark import Result

HEADER = "path,label,method,group\n"


class Darkness:
    """A detector of darkness, as a plug-in would be; it has no calibration, so nothing gets a number."""

    def score(self, crops):
        return np.array([1 - crop.image.mean() / 255 for crop in crops])


@pytest.fixture
def folder(tmp_path, astronaut):
    Image.fromarray(astronaut).save(tmp_path / "face.jpg")
    Image.new("RGB", (80, 60)).save(tmp_path / "empty.png")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    rows = ["face.jpg,real,photo,ann", "empty.png,fake,blank,bob", "broken.jpg,fake,blank,eve"]
    (tmp_path / "index.csv").write_text(HEADER + "\n".join(rows) + "\n")
    return tmp_path


def result(method, label, p_fake, verdict="undecided", group="", kind="image"):
    return Result(f"{method}{group}", label, method, group, kind, p_fake, verdict)


def test_index_without_file_is_named(tmp_path):
    (tmp_path / "index.csv").write_text(HEADER + "gone.jpg,real,photo,ann\n")
    with pytest.raises(DataError, match=r"gone\.jpg"):
        benchmark.read_index(tmp_path)


@pytest.mark.parametrize("text", ["", "name,truth\nx,real\n"])
def test_index_without_columns_says_which(tmp_path, text):
    (tmp_path / "index.csv").write_text(text)
    with pytest.raises(DataError, match="path and label"):
        benchmark.read_index(tmp_path)


def test_a_file_that_is_listed_twice_counts_once_and_is_told(folder, caplog):
    index = folder / "index.csv"
    once = benchmark.read_index(folder)
    assert not caplog.records
    index.write_text(index.read_text() + "face.jpg,real,photo,ann\n" * 5)
    assert benchmark.read_index(folder) == once
    assert "5 of 8 rows repeat others" in caplog.text


def test_two_truths_of_one_file_are_refused(folder):
    index = folder / "index.csv"
    index.write_text(index.read_text() + "face.jpg,fake,photo,ann\n")
    with pytest.raises(DataError, match=r"different labels, methods or groups of face\.jpg"):
        benchmark.read_index(folder)


def test_labels_other_than_real_and_fake_are_refused(tmp_path):
    (tmp_path / "index.csv").write_text(HEADER + "face.jpg,FAKE,photo,ann\n")
    with pytest.raises(DataError, match="FAKE"):
        benchmark.read_index(tmp_path)


def test_run_keeps_failures_apart_and_resumes(folder, tmp_path):
    rows = benchmark.read_index(folder)
    log = tmp_path / "log.jsonl"
    with Pipeline(DetectConfig(), Darkness()) as pipeline:
        results = benchmark.run(pipeline, folder, rows, log)
        assert [r.verdict for r in results] == ["undecided", "undecided", "failed"]
        assert all(r.p_fake is None for r in results)
        assert "no_face" in results[1].error
        before = log.read_text()
        assert benchmark.run(pipeline, folder, rows, log) == results
    assert log.read_text() == before
    assert len(before.splitlines()) == len([json.loads(line) for line in before.splitlines()]) == 3


def test_table_compares_with_the_own_source_where_there_is_one():
    results = [
        *(result("swap", "fake", p, group=str(i)) for i, p in enumerate((0.6, 0.7))),
        *(result("swap", "real", p, group=f"r{i}") for i, p in enumerate((0.1, 0.2))),
        *(result("studio", "real", p, group=f"s{i}") for i, p in enumerate((0.9, 0.95))),
        *(result("gan", "fake", p, group=f"g{i}") for i, p in enumerate((0.5, 0.55))),
    ]
    lines = {line.method: line for line in benchmark.table(results)}
    assert lines["swap"].auc is not None
    assert lines["swap"].auc.value == 1.0
    assert lines["gan"].auc is not None
    assert lines["gan"].auc.value == 0.5
    assert lines["studio (real)"].auc is None


def test_a_method_that_was_never_scored_has_no_auc_but_its_line():
    results = [result("swap", "fake", None, "failed", str(i)) for i in range(3)]
    (line,) = benchmark.table([*results])
    assert line.auc is None
    assert line.called == {"fake": 0, "undecided": 0, "real": 0, "failed": 3}
    assert "| swap | image | 3 |  | 0 | 0 | 0 | 3 |" in benchmark.to_markdown([line])


def test_markdown_ends_with_mean_and_worst():
    results = [result("a", "fake", 0.9, group=str(i)) for i in range(2)]
    results += [result("b", "fake", 0.1, group=f"b{i}") for i in range(2)]
    results += [result("photo", "real", 0.5, group=f"r{i}") for i in range(2)]
    assert "Mean of 2 methods: 0.500; worst: 0.000." in benchmark.to_markdown(benchmark.table(results))
