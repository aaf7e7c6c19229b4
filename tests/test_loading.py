"""What a process has loaded: nothing heavy but for who asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("tensorflow", "keras", "mediapipe")
MODULES = sorted(
    path for part in ("detector", "datasets", "generator", "serve") for path in (ROOT / part).rglob("*.py")
)


def loaded_after(code: str) -> set[str]:
    """Names of all modules that a new process has loaded after running `code`, blocked ones left out."""
    report = "\nimport sys\nsys.stderr.write('LOADED ' + ' '.join(n for n, m in sys.modules.items() if m))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("LOADED ")[2].split())


def test_importing_every_module_loads_nothing_heavy():
    names = [".".join(("catchlight", *path.relative_to(ROOT).with_suffix("").parts)) for path in MODULES]
    loaded = loaded_after(f"import importlib\nfor name in {names!r}:\n    importlib.import_module(name)")
    assert set(names) <= loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["detect", "--help"]], ids=" ".join)
def test_help_loads_nothing_that_computes(arguments):
    loaded = loaded_after(
        "from catchlight.serve.cli.main import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as end:\n    assert not end.code, end.code"
    )
    assert loaded.isdisjoint({*HEAVY, "cv2", "sklearn", "scipy", "av", "flask"})


def test_scoring_loads_neither_tensorflow_nor_mediapipe(tmp_path, astronaut):
    """MediaPipe's networks are run without it; its import takes .6 s and 55 MB, and with TensorFlow 450 MB more."""
    from PIL import Image

    photograph = tmp_path / "astronaut.png"
    Image.fromarray(astronaut).save(photograph)
    loaded = loaded_after(
        "from catchlight.detector.pipeline import detect\n"
        f"report = detect({str(photograph)!r})\nassert report.faces and report.p_fake is not None, report"
    )
    assert "ai_edge_litert.interpreter" in loaded
    assert loaded.isdisjoint({*HEAVY, "jax", "matplotlib"})
