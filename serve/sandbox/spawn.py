"""Starts the process that a child runs in, with nothing of the parent's that it does not need."""

from __future__ import annotations

import os
import subprocess
import sys

from catchlight.detector.errors import ServiceError

COMMAND = (sys.executable, "-P", "-m", "catchlight.serve.sandbox.child")
# What a child inherits; keys, passwords and addresses of databases stay with the parent.
KEPT = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
# Two arenas of memory, not eight a core: less address space, and what one file took serves the next.
ADDED = {"MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1"}


def spawn() -> subprocess.Popen[bytes]:
    """A new child; its standard input and output are the pipes to it.

    Raises:
        ServiceError: The system gives no process.
    """
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        return subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=inherited | ADDED,
            start_new_session=True,  # Ctrl-C in a terminal is for the parent, which then ends its children
            bufsize=0,
        )
    except OSError as error:
        raise ServiceError(
            f"no sandbox can be started: {error}; too many processes, or no memory?"
        ) from error
