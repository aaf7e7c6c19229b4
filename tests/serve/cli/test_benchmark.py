"""``catchlight benchmark`` as a researcher calls it."""

from __future__ import annotations

from click.testing import CliRunner
from PIL import Image

from catchlight.serve.cli.main import main


def test_benchmark_writes_results_and_table(tmp_path, astronaut):
    Image.fromarray(astronaut).save(tmp_path / "face.jpg")
    (tmp_path / "index.csv").write_text("path,label,method\nface.jpg,real,photo\n")
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["benchmark", str(tmp_path), "--out", str(out), "--frames", "2"])
    assert result.exit_code == 0, result.output
    assert "| photo (real) | image | 1 |" in (out / "table.md").read_text()
    assert (out / "results.jsonl").read_text().count("\n") == 1


def test_benchmark_compares_with_what_handling_leaves(tmp_path, astronaut):
    Image.fromarray(astronaut).save(tmp_path / "face.jpg")
    (tmp_path / "index.csv").write_text("path,label,method\nface.jpg,real,photo\n")
    arguments = ["benchmark", str(tmp_path), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, [*arguments, "--handled", "half", "--handled", "jpeg40"])
    assert result.exit_code == 0, result.output
    table = (tmp_path / "out" / "table.md").read_text()
    assert "| half | image | 1 | 0 |" in table
    assert "| jpeg40 | image | 1 | 0 |" in table
    wrong = CliRunner().invoke(main, [*arguments, "--handled", "jpg40"])
    assert wrong.exit_code == 2
    assert "jpeg40" in wrong.output


def test_benchmark_of_a_folder_without_index_says_so(tmp_path):
    result = CliRunner().invoke(main, ["benchmark", str(tmp_path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "index.csv" in result.output
