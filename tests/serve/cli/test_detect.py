"""The command, from the outside: real files in, tables, lines of JSON, pages and exit statuses out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from catchlight.detector.report import from_json
from catchlight.serve.cli.main import main

PROGRAM = [sys.executable, "-c", "from catchlight.serve.cli.main import main; main(prog_name='catchlight')"]

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Calls the command in this process, with a terminal 100 characters wide."""

    def call(*args: object, **environment: str) -> Result:
        runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", **environment})
        return runner.invoke(main, [str(arg) for arg in args], prog_name="catchlight")

    return call


@pytest.fixture(scope="module")
def portrait(astronaut: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "portrait.png"
    Image.fromarray(astronaut).save(path)
    return path


@pytest.fixture
def mixed(portrait: Path, tmp_path: Path) -> Path:
    """A folder with a portrait, a picture without a face, a text that claims to be one, and other files."""
    folder = tmp_path / "mixed"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "b.png").write_bytes(portrait.read_bytes())
    Image.new("RGB", (320, 240), (90, 120, 150)).save(folder / "c.jpg")
    (folder / "a.jpg").write_text("a shopping list")
    (folder / "notes.txt").write_text("not for us")
    (folder / ".hidden.jpg").write_text("left by an operating system")
    return folder


def test_one_photograph_gets_a_card(portrait: Path, run: Run) -> None:
    result = run("detect", portrait)
    assert result.exit_code == 0
    for text in ("portrait.png", "Person 1", "512 x 512", "judged by mobilenet"):
        assert text in result.stdout
    assert any(f"{symbol} " in result.stdout for symbol in "▲●◆")
    assert result.stderr == ""


def test_json_of_one_file_is_the_report(portrait: Path, run: Run) -> None:
    result = run("detect", "--json", portrait)
    assert result.exit_code == 0
    report = from_json(result.stdout)
    assert report.media.path == str(portrait)
    assert len(report.faces) == 1
    assert report.faces[0].frames
    assert (report.p_fake is None) == (report.interval is None)


def test_a_folder_gives_one_line_each_in_order(mixed: Path, run: Run) -> None:
    result = run("detect", "--json", mixed)
    assert result.exit_code == 1
    failed, faceless, judged = (json.loads(line) for line in result.stdout.splitlines())
    assert failed["path"] == str(mixed / "a.jpg")
    assert failed["error"]["code"] == "not_media"
    assert (faceless["verdict"], faceless["p_fake"], faceless["reasons"]) == ("undecided", None, ["no_face"])
    assert judged["media"]["path"] == str(mixed / "inner" / "b.png")
    assert "a.jpg" in result.stderr


def test_a_folder_gives_a_table_and_a_count(mixed: Path, run: Run) -> None:
    result = run("detect", mixed)
    assert result.exit_code == 1
    assert "3 files: " in result.stdout
    assert "1 failed" in result.stdout
    assert "No face was found." in result.stdout


def test_all_files_tries_what_the_name_does_not_promise(mixed: Path, run: Run) -> None:
    result = run("detect", "--json", "--all-files", mixed)
    assert len(result.stdout.splitlines()) == 5


def test_undecided_counts_as_judged(mixed: Path, run: Run) -> None:
    result = run("detect", mixed / "c.jpg")
    assert result.exit_code == 0
    assert "undecided" in result.stdout
    assert "%" not in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.jpg", b"a shopping list", "not_media"), ("b.png", b"", "empty_media"), (None, b"", "not_found")],
)
def test_what_cannot_be_judged_is_told_without_a_traceback(
    name: str | None, content: bytes, code: str, portrait: Path, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / (name or "missing.jpg")
    if name:
        path.write_bytes(content)
    result = run("detect", "--json", path, portrait)
    assert result.exit_code == 1
    problem, report = (json.loads(line) for line in result.stdout.splitlines())
    assert problem == {"path": str(path), "error": {"code": code, "message": problem["error"]["message"]}}
    assert report["media"]["path"] == str(portrait)
    assert path.name in result.stderr
    assert "Traceback" not in result.stderr


def test_a_page_is_written_for_all_files(mixed: Path, tmp_path: Path, run: Run) -> None:
    page = tmp_path / "out.html"
    result = run("detect", "--report", page, mixed)
    assert result.exit_code == 1
    html = page.read_text("utf-8")
    for text in ("a.jpg", "b.png", "c.jpg", "Person 1", "data:image/jpeg;base64,"):
        assert text in html
    assert str(page) in result.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--report", "nowhere/out.html", "PORTRAIT"], "does not exist"),
        (["--report", "PORTRAIT", "PORTRAIT"], "would overwrite"),
        (["--detector", "mobilnet", "PORTRAIT"], "did you mean 'mobilenet'"),
        (["--frames", "0", "PORTRAIT"], "--frames"),
        (["--sampling", "sometimes", "PORTRAIT"], "'auto', 'key', 'even', 'dense'"),
        (["EMPTY"], "no image or video found"),
        ([], "Missing argument"),
    ],
)
def test_unusable_arguments_end_before_any_work(
    args: list[str], says: str, portrait: Path, tmp_path: Path, run: Run
) -> None:
    before = portrait.read_bytes()
    places = {"PORTRAIT": portrait, "EMPTY": tmp_path}
    result = run("detect", *(places.get(arg, arg) for arg in args))
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert portrait.read_bytes() == before


def test_the_environment_chooses_the_detector(portrait: Path, run: Run) -> None:
    result = run("detect", portrait, CATCHLIGHT_DETECTOR="nonsense")
    assert result.exit_code == 2
    assert "nonsense" in result.stderr


def test_names_of_files_cannot_steer_the_terminal(portrait: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "[bold red]x\x1b[2J\u202egnp.png"
    path.write_bytes(portrait.read_bytes())
    broken = tmp_path / "\x1b]0;title\x07.jpg"
    broken.write_text("a shopping list")
    for args in ((path,), (path, broken)):
        result = run("detect", *args, COLUMNS="400")
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output
        assert "\x07" not in result.output
        assert r"[bold red]x\x1b[2J\u202egnp.png" in result.stdout


def test_verbose_adds_hashes_and_timings(portrait: Path, run: Run) -> None:
    plain, verbose = run("detect", portrait), run("detect", "--verbose", portrait)
    assert "sha256" not in plain.stdout
    assert "sha256" in verbose.stdout
    assert "total" in verbose.stdout


def test_a_reader_that_goes_away_ends_it_quietly(mixed: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        command = [*PROGRAM, "detect", "--json", "--quiet", str(mixed / "c.jpg")]
        done = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 141
    assert done.stderr == ""


@pytest.mark.slow
def test_ctrl_c_shows_what_was_judged_and_ends_with_130(portrait: Path, tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number:04}.png").symlink_to(portrait)
    command = [*PROGRAM, "detect", "--json", str(tmp_path)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # A shell starts what runs in its background with Ctrl-C ignored, and children inherit that.
    with subprocess.Popen(command, **pipes, preexec_fn=_heeds_ctrl_c) as process:
        assert process.stdout
        assert "verdict" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped." in errors
    assert "of 2000 not judged" in errors
    assert "Traceback" not in errors


def _heeds_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
@pytest.mark.shared
def test_every_hostile_file_is_judged_or_told_and_the_command_lives(shared_data):
    command = [sys.executable, "-c", "from catchlight.serve.cli.main import main; main()", "detect", "--json"]
    folder = shared_data / "nasty"
    done = subprocess.run([*command, "--all-files", str(folder)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stderr[-500:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == sum(path.is_file() for path in folder.rglob("*"))
    assert not [a for a in answers if a.get("error", {}).get("code") == "internal_error"]
