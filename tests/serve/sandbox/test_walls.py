"""Each wall is put up in a process of its own and run against."""

import subprocess
import sys

import pytest

from catchlight.serve.sandbox import walls

LINUX = sys.platform.startswith("linux")


def in_a_process(code):
    done = subprocess.run(
        [sys.executable, "-c", "from catchlight.serve.sandbox import walls\n" + code],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, (done.stdout + done.stderr).strip()


def test_limits_of_the_process(tmp_path):
    code = f"""
from pathlib import Path
print(*walls.limit(16))
try:
    Path({str(tmp_path / "full")!r}).write_text("x" * 10)
except OSError as error:
    print(error.strerror)
try:
    print([open("/dev/null") for _ in range(20)])
except OSError as error:
    print(error.strerror)
"""
    _, said = in_a_process(code)
    assert said.splitlines() == ["fsize core nofile", "File too large", "Too many open files"]


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_memory():
    code = """
print(walls.Memory().limit(100 << 20))
kept = bytearray(50 << 20)
try:
    bytearray(80 << 20)
except MemoryError:
    print("refused")
"""
    assert in_a_process(code) == (0, "True\nrefused")


def test_processor_time():
    status, _ = in_a_process("walls.limit_cpu(0.5)\nwhile True: pass")
    assert status == -24  # SIGXCPU


@pytest.mark.skipif(not LINUX, reason="seccomp is of Linux")
def test_no_sockets_and_no_programs_from_any_thread():
    code = """
import os, socket, subprocess, threading, time
go = threading.Event()
def tell(what, act):
    try:
        act()
        print(what, "succeeded")
    except OSError as error:
        print(what, error.strerror)
def later():
    go.wait()
    tell("thread", socket.socket)
thread = threading.Thread(target=later)
thread.start()
assert walls.refuse_calls()
go.set()
thread.join()
tell("socket", socket.socket)
tell("program", lambda: os.execv("/bin/true", ["true"]))
threading.Thread(target=print, args=("threads still start",)).start()
"""
    status, said = in_a_process(code)
    refused = "Operation not permitted"
    assert status == 0
    assert said.splitlines() == [
        f"thread {refused}",
        f"socket {refused}",
        f"program {refused}",
        "threads still start",
    ]


@pytest.mark.skipif(not LINUX, reason="Landlock is of Linux")
def test_only_given_folders_are_read_and_nothing_is_written(tmp_path):
    media, secrets = tmp_path / "media", tmp_path / "secrets"
    for folder in (media, secrets):
        folder.mkdir()
        (folder / "file").write_text("content")
    code = f"""
from pathlib import Path
media, secrets = Path({str(media)!r}), Path({str(secrets)!r})
stands = walls.only_read([media, Path("/absent")])
def tell(act):
    try:
        return act()
    except OSError as error:
        return error.strerror
print(stands, tell((media / "file").read_text), tell((secrets / "file").read_text),
      tell(lambda: (media / "new").write_text("x")), tell(lambda: (media / "file").unlink()), sep="; ")
print(tell(lambda: Path("/dev/null").write_text("x")))
"""
    _, said = in_a_process(code)
    if said.startswith("False"):
        pytest.skip("this kernel has no Landlock")
    assert said.splitlines() == [
        "True; content; Permission denied; Permission denied; Permission denied",
        "1",
    ]


@pytest.mark.skipif(not LINUX, reason="Landlock is of Linux")
def test_other_processes_can_not_be_signalled():
    code = """
import os, signal
stands = walls.only_read(["/"])
try:
    os.kill(os.getppid(), 0)
    print(stands, "reached")
except OSError as error:
    print(stands, error.strerror)
os.kill(os.getpid(), 0)
"""
    _, said = in_a_process("from pathlib import Path\n" + code.replace('["/"]', '[Path("/")]'))
    if said in ("False reached", "True reached"):
        pytest.skip("this kernel's Landlock knows nothing of signals")
    assert said == "True Operation not permitted"


def test_other_systems_are_told_the_truth(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not walls.refuse_calls()
    assert not walls.only_read([])
