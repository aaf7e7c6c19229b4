"""The child as a program; what it does with files is in test_scorer.py."""

import subprocess

from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.spawn import COMMAND
from catchlight.serve.sandbox.wire import receive, send


def test_says_nothing_but_messages_and_ends_with_its_pipe(photograph):
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        to, source = child.stdin.fileno(), child.stdout.fileno()
        send(to, SandboxConfig().to_json())
        assert "nofile" in receive(source, 60)["ready"]
        send(to, {"path": str(photograph), "name": "a.jpg", "options": {}, "cpu_seconds": 60})
        while "progress" in (reply := receive(source, 60)):
            pass
        assert reply["report"]["media"]["path"] == "a.jpg"
        rest, errors = child.communicate(timeout=60)
        assert (rest, errors) == (b"", b"")
