import os
import sys
from pathlib import Path

import pytest

from catchlight.detector.errors import ServiceError
from catchlight.serve.sandbox import spawn


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_child_inherits_no_secret_no_file_and_no_terminal(monkeypatch, tmp_path):
    monkeypatch.setenv("CATCHLIGHT_JOBS", "redis://:hunter2@host/0")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setattr(spawn, "COMMAND", (sys.executable, "-c", "input()"))
    with (tmp_path / "open").open("w") as file, spawn.spawn() as child:
        os.set_inheritable(file.fileno(), True)
        facts = Path(f"/proc/{child.pid}")
        assert b"hunter2" not in (facts / "environ").read_bytes()
        assert str(file.name) not in [str(link.readlink()) for link in (facts / "fd").iterdir()]
        assert os.getsid(child.pid) == child.pid
        child.kill()


def test_a_system_that_gives_no_process(monkeypatch):
    monkeypatch.setattr(spawn, "COMMAND", ("/absent",))
    with pytest.raises(ServiceError, match="no sandbox can be started"):
        spawn.spawn()
