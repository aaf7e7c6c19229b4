import av
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from catchlight.serve.cli.main import main


@pytest.fixture
def still(astronaut, tmp_path):
    Image.fromarray(astronaut).save(tmp_path / "target.png")
    Image.fromarray(np.ascontiguousarray(astronaut[:, ::-1])).save(tmp_path / "source.png")
    return tmp_path


def invoke(*words):
    return CliRunner().invoke(main, ["generate", "swap", *map(str, words)])


def test_a_still_is_swapped_and_everything_lies_beside_it(still):
    done = invoke(
        "--source", still / "source.png", "--target", still / "target.png", "--out", still / "out.png"
    )
    assert done.exit_code == 0, done.output
    assert "1 of 1 frames swapped" in done.output
    made = {file.name for file in still.iterdir()}
    assert {"out.png", "out.mask.png", "out.json", "manifest.csv"} <= made


def test_without_a_source_it_says_what_it_needs(still):
    done = invoke("--target", still / "target.png", "--out", still / "out.png")
    assert done.exit_code == 2
    assert "needs a source" in done.output
    assert not (still / "out.png").exists()


def test_a_target_without_a_face_is_an_error_of_one_line(still, astronaut):
    Image.fromarray(astronaut[350:]).save(still / "empty.png")
    done = invoke(
        "--source", still / "source.png", "--target", still / "empty.png", "--out", still / "out.png"
    )
    assert done.exit_code == 1
    assert "shows no face" in done.output
    assert "Traceback" not in done.output


def test_a_clip_tells_flicker_and_cost(still, astronaut):
    with av.open(str(still / "clip.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 300, 300, "yuv420p"
        for number in range(4):
            part = np.ascontiguousarray(astronaut[number : 300 + number, 80:380])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(part, format="rgb24")))
        out.mux(stream.encode(None))
    done = invoke(
        "--source",
        still / "source.png",
        "--target",
        still / "clip.mp4",
        "--out",
        still / "out.mp4",
        "--no-mask",
    )
    assert done.exit_code == 0, done.output
    assert "4 of 4 frames swapped" in done.output
    assert "CPU ms a frame" in done.output
    assert not (still / "out.mask.mp4").exists()
