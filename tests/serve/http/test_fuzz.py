"""Odd requests and damaged files to a running service: no 5xx, no dead process, an answer within seconds.

A quick share of it runs with the other tests; `make fuzz` runs thousands.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

AMOUNT = int(os.environ.get("CATCHLIGHT_FUZZ", "0"))  # mutations, and what goes with it; 0 is the quick share
EXAMPLES = 8 if not AMOUNT else max(8, AMOUNT // 20)  # of schemathesis, for each operation
SECONDS = 3.0  # for each answer, on a machine that does nothing else
SLACK = 10.0  # times that, where tests share the machine with others
# Any bytes fit the schema of a file, and few of them are one: that such data are refused is right.
CHECKS = "positive_data_acceptance"


def judge(client: httpx.Client, name: str, data: bytes) -> tuple[int, float]:
    """Status and seconds; a refusal for lack of room is waited out, as clients do."""
    while True:
        began = time.perf_counter()
        response = client.post("/v1/detect", files={"file": (name, data)})
        if response.status_code != 503:
            return response.status_code, time.perf_counter() - began
        assert response.json()["code"] == "overloaded"
        time.sleep(0.2)


def sound(client: httpx.Client, cases: dict[str, bytes], photo: bytes) -> None:
    answers = {name: judge(client, name, data) for name, data in cases.items()}
    assert {
        name: status for name, (status, _) in answers.items() if status not in (200, 202, 413, 415, 422)
    } == {}
    limit = SECONDS if AMOUNT else SECONDS * SLACK
    assert {name: seconds for name, (_, seconds) in answers.items() if seconds > limit} == {}
    assert judge(client, "photo.jpg", photo)[0] == 200


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, some left out, some put in."""
    changed = bytearray(data)
    for _ in range(rng.integers(1, 20)):
        at, length = int(rng.integers(len(changed))), int(rng.integers(1, 64))
        part = rng.bytes(length)
        match rng.integers(5):
            case 0:
                del changed[at : at + length]
            case 1:
                changed[at:at] = part
            case _:
                changed[at : at + 1] = part[:1]
        changed = changed or bytearray(data)
    return bytes(changed)


@pytest.fixture
def client(server: str) -> httpx.Client:
    with httpx.Client(base_url=server, timeout=90.0) as made:
        yield made


@pytest.mark.slow
def test_no_request_that_fits_the_schema_or_breaks_it_finds_a_fault(server: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    options = ["--max-examples", str(EXAMPLES), "--seed", "1", "--no-shrink", "--exclude-checks", CHECKS]
    phases = "coverage,fuzzing,stateful" if AMOUNT else "coverage,fuzzing"
    quiet = ["--phases", phases, "--suppress-health-check", "all", "--warnings", "off"]
    done = subprocess.run(
        [program, "run", f"{server}/openapi.json", *options, *quiet],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_damaged_files_never_harm(client: httpx.Client, photo: bytes, media_folder: Path) -> None:
    rng = np.random.default_rng(19)
    png = io.BytesIO()
    from PIL import Image

    Image.open(io.BytesIO(photo)).resize((200, 200)).save(png, "PNG")
    sources = [photo, png.getvalue(), (media_folder / "real" / "walk.mp4").read_bytes()]
    cases = {f"{number}": mutated(sources[number % len(sources)], rng) for number in range(AMOUNT or 12)}
    cases |= {f"cut {part}": photo[: len(photo) * part // 8] for part in (1, 4, 7)}
    sound(client, cases, photo)


@pytest.mark.shared
def test_hostile_files_never_harm(client: httpx.Client, photo: bytes, shared_data: Path) -> None:
    files = sorted(path for path in (shared_data / "nasty").rglob("*") if path.is_file())
    chosen = files if AMOUNT else files[::5]
    sound(client, {path.name: path.read_bytes() for path in chosen}, photo)
