"""What is SQLite's own; the contract that it shares with Redis is in test_store.py."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from catchlight.detector.errors import StoreError
from catchlight.serve.jobs import sqlite_table
from catchlight.serve.jobs.open import open_store


def submit(store, file):
    return store.submit(file, options={}, owner="ann")


def submit_many(store, file):
    for _ in range(200):
        submit(store, file)


def test_a_busy_file_is_waited_for(tmp_path, file):
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    with open_store(url) as store:
        other = sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.5, lambda: other.execute("COMMIT"))
        timer.start()
        submit(store, file)
        timer.join()
        other.close()


def test_a_file_that_stays_locked_is_told(tmp_path, file, monkeypatch):
    monkeypatch.setattr(sqlite_table, "PATIENCE", 0.2)
    with open_store(f"sqlite:///{tmp_path}/jobs.sqlite") as store:
        other = sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program holds the file"):
            submit(store, file)
        other.close()
        assert not list(store.folder.iterdir())
        submit(store, file)


def test_a_full_disk_is_told_and_what_was_taken_stays(tmp_path, file):
    with open_store(f"sqlite:///{tmp_path}/jobs.sqlite") as store:
        kept = submit(store, file)
        pages = store._table._open().execute("PRAGMA page_count").fetchone()[0]
        store._table._open().execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="disk is full: make room"):
            submit_many(store, file)
        assert store.get(kept.id, "ann") == kept
        assert len(list(store.folder.glob("*.media"))) == len(store.list("ann", 1000))


@pytest.mark.skipif(os.name != "posix", reason="permissions as of POSIX")
def test_a_folder_that_is_not_writable_is_told():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        code = (
            "import os, sys\n"
            "from catchlight.serve.jobs import open, sqlite_table\n"
            "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
            "open.open_store(sys.argv[1])"
        )
        url = f"sqlite:///{folder}/jobs.sqlite"
        done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, timeout=60)
        Path(folder).chmod(0o700)
    assert "StoreError" in done.stderr.splitlines()[-1]
    assert "not writable for this user" in done.stderr


@pytest.mark.parametrize(
    ("content", "advice"),
    [(b"not a database at all, but a long text", "something else"), (None, "not there")],
)
def test_a_file_of_another_kind(tmp_path, content, advice):
    path = tmp_path / "jobs.sqlite"
    path.mkdir() if content is None else path.write_bytes(content * 100)
    with pytest.raises(StoreError, match=advice):
        open_store(f"sqlite:///{path}")


def test_a_file_of_a_later_version(tmp_path):
    path = tmp_path / "jobs.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="version 99"):
        open_store(f"sqlite:///{path}")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_opens_a_connection_of_its_own(tmp_path):
    code = f"""
import os
from pathlib import Path
from catchlight.serve.jobs.open import open_store
store = open_store("sqlite:///{tmp_path}/jobs.sqlite")
file = Path("{tmp_path}/a.jpg")
file.write_bytes(b"x")
def submit(): return store.submit(file, options={{}}, owner="ann")
submit()
pids = []
for _ in range(4):
    if not (pid := os.fork()):
        for _ in range(10): submit()
        os._exit(0)
    pids.append(pid)
assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
print(len(store.list("ann", 1000)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("41", "")
