"""Photographs to judge, and a detector that does what a hostile file could make a decoder do."""

from __future__ import annotations

import pytest
from PIL import Image

MISBEHAVING = """
import ctypes, os, queue, socket, threading, time
import numpy as np

class Detector:
    def __init__(self, act):
        self.act = act

    def score(self, crops):
        if crops[0].image.any():  # warming up is done with black
            self.act()
        return np.full(len(crops), 0.5)

def tell():
    said = {}
    for name, act in ACTS.items():
        try:
            said[name] = act()
        except OSError as error:
            said[name] = error.strerror
    raise RuntimeError(f"told: {said}")

ACTS = {
    "secret": lambda: os.environ.get("CATCHLIGHT_SECRET"),
    "dial": lambda: socket.create_connection(("127.0.0.1", 9), 1),
    "run": lambda: os.execv("/bin/true", ["true"]),
    "write": lambda: os.write(os.memfd_create("x"), b"x"),
    "read": lambda: open("/etc/passwd").read(),
    "read in a thread of before": lambda: of_before(ACTS["read"]),
}

asked, told = queue.Queue(), queue.Queue()

def thread():
    while True:
        try:
            told.put(asked.get()())
        except OSError as error:
            told.put(error.strerror)

threading.Thread(target=thread, daemon=True).start()  # as libraries do that have a pool

def of_before(act):
    asked.put(act)
    return told.get()

fine = lambda: Detector(lambda: None)
crash = lambda: Detector(lambda: ctypes.string_at(0))
hang = lambda: Detector(lambda: time.sleep(600))
eat = lambda: Detector(lambda: bytearray(3 << 30))
spin = lambda: Detector(lambda: [None for _ in iter(int, 1)])
try_all = lambda: Detector(tell)
"""


@pytest.fixture(scope="session")
def photograph(astronaut, tmp_path_factory):
    path = tmp_path_factory.mktemp("photograph") / "upload-7f"
    Image.fromarray(astronaut[:300, 80:380]).save(path, "JPEG", quality=92)
    return path


@pytest.fixture(scope="session")
def misbehaving(tmp_path_factory):
    """A folder with a detector plug-in ``misbehaving``."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "misbehaving.py").write_text(MISBEHAVING)
    return folder
