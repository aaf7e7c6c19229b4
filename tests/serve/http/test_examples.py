"""What docs/http.md shows is so: every curl line runs against a real server, every setting is listed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from catchlight.serve.http.config import ServerConfig

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")


def between(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", TEXT, re.S)
    assert found
    return found[1]


EXAMPLES = [line for line in between("examples").splitlines() if line.startswith("curl")]


@pytest.fixture
def folder(photo: bytes, media_folder: Path, tmp_path: Path) -> Path:
    (tmp_path / "photo.jpg").write_bytes(photo)
    (tmp_path / "clip.mp4").write_bytes((media_folder / "real" / "walk.mp4").read_bytes())
    return tmp_path


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("example", EXAMPLES)
def test_curl_examples_run(example: str, folder: Path, server: str) -> None:
    words = shlex.split(example.replace("http://127.0.0.1:8000", server))
    words[1:1] = [
        "--silent",
        "--fail-with-body",
        "--max-time",
        "60",
        "--write-out",
        "\n%{http_code} %{content_type}",
    ]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    body, _, end = done.stdout.rpartition("\n")
    status, kind = end.split(" ", 1)
    assert status == ("202" if "respond-async" in example else "200")
    check(example, body, kind, folder)


def check(example: str, body: str, kind: str, folder: Path) -> None:
    """Each shows what it is there for."""
    if "report.html" in example:
        assert (folder / "report.html").read_text().lstrip().startswith("<!DOCTYPE html>")
        return
    if "/metrics" in example:
        assert "catchlight_requests_total" in body
        return
    assert kind == "application/json"
    answer: Any = json.loads(body)
    if "heatmap" in example:
        assert answer["heatmaps"]
    if "frames=8" in example:
        assert 0 < answer["media"]["frames_sampled"] <= 8
    if "/v1/batch" in example:
        assert [result["name"] for result in answer["results"]] == ["photo.jpg", "clip.mp4"]
    if "--data-binary" in example:
        assert answer["media"]["path"] == "photo.jpg"


def test_every_setting_is_listed_with_its_default_and_meaning() -> None:
    source = (ROOT / "serve" / "http" / "config.py").read_text(encoding="utf-8")
    rows = []
    for field in fields(ServerConfig):
        meaning = re.search(rf"^    {field.name}: .*?  # (.+)$", source, re.M)
        assert meaning, f"{field.name} has no comment"
        default = json.dumps(field.default)
        rows.append(f"| `CATCHLIGHT_{field.name.upper()}` | `{default}` | {meaning[1]} |\n")
    assert between("settings") == "| setting | default | meaning |\n|---|---|---|\n" + "".join(rows)
