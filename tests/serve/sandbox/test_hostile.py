"""Hostile files through the whole of the sandboxed judging: each ends soon, in a report or in an error of ours.

`pytest -m slow -s tests/serve/sandbox/test_hostile.py` runs 2,000 mutations and tells what became of them.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import MediaError
from catchlight.detector.report import from_dict
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.scorer import Scorer

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads processor time from /proc"
)

SECONDS, PATIENCE = 3.0, 30.0  # of the processor, and of the clock, in which every file has its answer
FEW, MANY = 12, int(os.environ.get("CATCHLIGHT_FUZZ", "500"))  # `make fuzz` asks for 2,000


@pytest.fixture(scope="module")
def originals(astronaut, tmp_path_factory):
    """Small valid media with a face, one of each format."""
    folder = tmp_path_factory.mktemp("originals")
    face = Image.fromarray(astronaut[:300, 80:380]).resize((128, 128))
    for name, options in (("a.jpg", {}), ("p.jpg", {"progressive": True}), ("a.png", {}), ("a.webp", {})):
        face.save(folder / name, **options)
    face.save(folder / "a.gif", save_all=True, append_images=[face.rotate(turn) for turn in (3, 6)])
    for name, codec, options in (
        ("a.mp4", "libx264", {"movflags": "faststart"}),
        ("b.mp4", "mpeg4", {}),
        ("a.mkv", "libx264", {}),
    ):
        with av.open(str(folder / name), "w", options=options) as out:
            stream = out.add_stream(codec, rate=10)
            stream.width, stream.height, stream.pix_fmt = 128, 128, "yuv420p"
            for turn in range(6):
                out.mux(stream.encode(av.VideoFrame.from_image(face.rotate(turn))))
            out.mux(stream.encode(None))
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def mutant(rng, originals):
    """One of the originals, damaged in a few places and ways."""
    content = bytearray(originals[rng.integers(len(originals))])
    for _ in range(rng.integers(1, 5)):
        # Headers are where damage hurts most.
        reach = min(len(content), 400) if rng.random() < 0.6 else len(content)
        if reach < 8:
            break
        at, length = int(rng.integers(reach)), int(rng.integers(1, 40))
        match rng.integers(7):
            case 0:
                content[at] ^= 1 << int(rng.integers(8))
            case 1:
                content[at] = int(rng.choice([0, 1, 127, 128, 254, 255]))
            case 2:  # a field of four bytes at its extremes: sizes, counts, offsets
                content[at : at + 4] = int(rng.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1])).to_bytes(4, "big")
            case 3:
                del content[at : at + length]
            case 4:
                content[at:at] = content[at : at + length] * int(rng.integers(1, 30))
            case 5:
                content = content[: max(8, at)]
            case 6:  # the head of one format on the body of another
                other = originals[rng.integers(len(originals))]
                content[at:] = other[int(rng.integers(len(other))) :]
    return bytes(content)


def processor_seconds(pid):
    """What a process has used so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Trial:
    """Judges files one after the other, and keeps what became of them.

    What counts is processor time, since the machine may have other work; the clock bounds what only waits.
    """

    def __init__(self, scorer):
        self.scorer, self.said, self.clock, self.work = scorer, [], [], []

    def judge(self, path):
        begin, before = time.monotonic(), processor_seconds(self.scorer.start().pid)
        try:
            said = from_dict(self.scorer.score(path, name="upload", seconds=PATIENCE).report).verdict
        except MediaError as error:
            said = error.code
        self.said.append(said)
        self.clock.append(time.monotonic() - begin)
        self.work.append(processor_seconds(self.scorer.pid) - before if self.scorer.alive else PATIENCE)

    def check(self, title):
        counts = ", ".join(f"{count} {said}" for said, count in Counter(self.said).most_common())
        print(f"\n{title}: {counts}")
        for name, spent in (("clock", self.clock), ("processor", self.work)):
            print(f"  {name}: median {np.median(spent) * 1e3:.0f} ms, slowest {max(spent):.2f} s")
        assert not {"decoder_crashed", "took_too_long"} & set(self.said)
        assert max(self.work) < SECONDS


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_mutations(originals, tmp_path, count):
    rng, path = np.random.default_rng(count), tmp_path / "upload"
    with Scorer(SandboxConfig(folders=(tmp_path,))) as scorer:
        trial = Trial(scorer)
        for number in range(count):
            path.write_bytes(mutant(rng, originals))
            trial.judge(path)
            if trial.said[-1] in ("decoder_crashed", "took_too_long"):
                path.rename(tmp_path / f"{trial.said[-1]}-{number}")
    trial.check(f"{count} mutations")
    assert {"undecided", "corrupt_media"} <= set(trial.said)


@pytest.mark.shared
@pytest.mark.slow
def test_known_hostile_files(shared_data):
    folder = shared_data / "nasty"
    with Scorer(SandboxConfig(folders=(folder,))) as scorer:
        trial = Trial(scorer)
        for path in sorted(folder.iterdir()):
            trial.judge(path)
    trial.check(f"{len(trial.said)} known hostile files")
