"""A built wheel holds every file that the code needs, and installing it touches nothing of anybody else's."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("detector", "datasets", "generator", "serve")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, built from a copy so that the checkout stays clean."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    backend = "from setuptools import build_meta as b; b.build_wheel({0!r}); b.build_sdist({0!r})"
    run(sys.executable, "-c", backend.format(str(out)), cwd=copy)
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (wheel,) = built.glob("*.whl")
    return wheel


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """The Python of a new, empty virtual environment."""
    venv.create(tmp_path / "venv", symlinks=True)
    return tmp_path / "venv" / "bin" / "python"


def shipped() -> set[str]:
    """Every file of the four parts under the name that it is imported by, but weights to go on training from."""
    files = {path.relative_to(ROOT) for part in PARTS for path in (ROOT / part).rglob("*") if path.is_file()}
    left_out = {path for path in files if "__pycache__" in path.parts or path.match("serve/configs/*.h5")}
    return {f"catchlight/{path.as_posix()}" for path in files - left_out}


def test_wheel_holds_every_file_of_the_four_parts_and_no_other(wheel: Path):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == shipped()


@pytest.mark.parametrize(
    "pattern", ["*/py.typed", "detector/bundles/*/*", "serve/report/page.html", "serve/configs/*.toml"]
)
def test_wheel_holds_what_is_not_python(wheel: Path, pattern: str):
    assert any(Path(name).match(f"catchlight/{pattern}") for name in zipfile.ZipFile(wheel).namelist())


def test_source_archive_builds_the_same_wheel(built: Path, wheel: Path, tmp_path: Path):
    (archive,) = built.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    run(sys.executable, "-c", "from setuptools import build_meta as b; b.build_wheel('out')", cwd=source)
    (again,) = (source / "out").glob("*.whl")
    contents = {w: {i.filename: i.CRC for i in zipfile.ZipFile(w).infolist()} for w in (wheel, again)}
    assert contents[wheel] == contents[again]


def test_installing_and_uninstalling_touches_only_ours(wheel: Path, environment: Path, tmp_path: Path):
    """Plain top-level packages overwrote Hugging Face's `datasets`, and uninstalling them deleted it."""
    site = Path(run(environment, "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path).strip())
    theirs = [site / name / "__init__.py" for name in PARTS]
    for file in theirs:
        file.parent.mkdir()
        file.write_text("OWNER = 'somebody else'\n")
    pip = (sys.executable, "-m", "pip", "--python", environment)

    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    probe = "import datasets; from catchlight.detector import errors; print(datasets.OWNER, errors.__file__)"
    assert run(environment, "-c", probe, cwd=tmp_path).startswith("somebody else " + str(site / "catchlight"))

    run(*pip, "uninstall", "--yes", "catchlight", cwd=tmp_path)
    assert all(file.read_text() == "OWNER = 'somebody else'\n" for file in theirs)
    assert not [path for path in site.glob("catchlight*/**/*") if path.is_file()]
    assert not (environment.parent / "catchlight").exists()


def test_running_pytest_from_the_root_leaves_the_names_to_their_owners(tmp_path: Path):
    """`python -m pytest` puts the root on sys.path first; a real package of the same name must still win."""
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "__init__.py").write_text("OWNER = 'somebody else'\n")
    probe = f"import sys; sys.path.append({str(tmp_path)!r}); import datasets; print(datasets.OWNER)"
    assert run(sys.executable, "-c", probe, cwd=ROOT) == "somebody else\n"


def test_every_pin_satisfies_setup_cfg():
    """constraints.txt and setup.cfg change together; every requirement of ours has its exact version."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = config["options"]["install_requires"] + "".join(config["options.extras_require"].values())
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    )
    for line in filter(None, listed.splitlines()):
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), line


def test_only_mediapipe_brings_opencv():
    """opencv-python, -headless and -contrib install the same cv2 and overwrite one another."""
    names = ((ROOT / "setup.cfg").read_text() + (ROOT / "constraints.txt").read_text()).lower()
    assert names.count("opencv") == names.count("opencv-contrib-python") == 1
