"""BlazeFace by LiteRT finds what MediaPipe's own graphs find, and what is there."""

from __future__ import annotations

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from catchlight.detector.blaze import FULL_RANGE, SHORT_RANGE, BlazeFace
from catchlight.detector.faces import overlap
from catchlight.detector.types import Box

RANGES = {"far": FULL_RANGE, "near": SHORT_RANGE}

# MediaPipe's graphs, in a process of their own: they write to standard error, and importing them is dear.
GRAPHS = """
import json, sys
sys.modules["tensorflow"] = None
import numpy as np
from mediapipe.python.solutions.face_detection import FaceDetection
pictures, found = np.load(sys.argv[1]), {}
for name, selection in (("far", 1), ("near", 0)):
    graph = FaceDetection(model_selection=selection, min_detection_confidence=0.5)
    for at in pictures.files:
        each = graph.process(pictures[at]).detections or ()
        boxes = [(d.score[0], d.location_data.relative_bounding_box) for d in each]
        found[name + at] = [[s, b.xmin, b.ymin, b.width, b.height] for s, b in boxes]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def pictures(astronaut):
    street = np.full((480, 900, 3), 110, np.uint8)
    street[60:360, 40:340], street[100:400, 520:820] = (
        astronaut[:300, 80:380],
        astronaut[:300, 80:380][:, ::-1],
    )
    turn = cv2.getRotationMatrix2D((226.0, 150.0), 20, 1.0)
    turned = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REFLECT_101)
    near = np.ascontiguousarray(astronaut[30:230, 130:330])
    return {"whole": astronaut, "street": street, "turned": turned, "near": near, "dull": street[:50]}


@pytest.fixture(scope="module")
def graphs(pictures, tmp_path_factory):
    path = tmp_path_factory.mktemp("graphs") / "pictures.npz"
    np.savez(path, **pictures)
    done = subprocess.run([sys.executable, "-c", GRAPHS, path], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", RANGES)
def test_boxes_and_scores_are_those_of_mediapipe(name, pictures, graphs):
    network = BlazeFace(RANGES[name])
    assert sum(len(graphs[name + at]) for at in pictures) >= 4
    for at, picture in pictures.items():
        height, width = picture.shape[:2]
        theirs = sorted(graphs[name + at], reverse=True)
        ours = network.find(picture)
        assert [found.score for found in ours] == pytest.approx([score for score, *_ in theirs], abs=1e-3)
        for found, (_, x, y, w, h) in zip(ours, theirs, strict=True):
            assert overlap(found.box, Box(x * width, y * height, w * width, h * height)) > 0.99


@pytest.mark.parametrize("angle", [-30, 0, 20])
def test_the_angle_is_that_of_the_eyes(angle, astronaut):
    turn = cv2.getRotationMatrix2D((226.0, 118.0), angle, 1.0)
    turned = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REFLECT_101)
    upright, now = (BlazeFace(SHORT_RANGE).find(picture)[0] for picture in (astronaut, turned))
    assert np.rad2deg(now.angle - upright.angle) == pytest.approx(-angle, abs=4)


def test_findings_come_the_surest_first_and_once_each(pictures):
    found = BlazeFace(FULL_RANGE).find(pictures["street"])
    assert len(found) == 2
    assert found[0].score >= found[1].score
    assert overlap(found[0].box, found[1].box) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (300, 400)])
def test_nothing_is_found_where_nothing_is(shape):
    for reach in RANGES.values():
        assert BlazeFace(reach).find(np.full((*shape, 3), 90, np.uint8)) == []
