import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catchlight.detector.errors import ConfigError, DataError
from catchlight.serve.jobs import webhooks
from catchlight.serve.jobs.courier import CourierConfig, post
from catchlight.serve.jobs.types import Job, JobState

SECRET = webhooks.secret_of("ann", b"m" * 32)
BODY = b'{"type": "job.done", "data": {}}'
NOW = 1_700_000_000.0


def test_signs_as_the_standard_does():
    """The example of the standard's reference libraries."""
    secret, id, body = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
    )
    headers = webhooks.sign(secret, id, body, now=1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_gets_the_message():
    headers = {name.title(): value for name, value in webhooks.sign(SECRET, "4f", BODY, NOW).items()}
    assert webhooks.verify(SECRET, headers, BODY, NOW + 100)["type"] == "job.done"


@pytest.mark.parametrize(
    "change",
    [
        {"body": BODY.replace(b"done", b"fake")},
        {"secret": webhooks.secret_of("bob", b"m" * 32)},
        {"now": NOW + 301},
        {"now": NOW - 301},
        {"webhook-id": "50"},
        {"webhook-timestamp": str(int(NOW) + 1)},
        {"webhook-timestamp": "now"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,ü"},
        {"webhook-signature": "v2,"},
    ],
)
def test_a_receiver_refuses_forgeries_and_old_messages(change):
    headers = webhooks.sign(SECRET, "4f", BODY, NOW)
    headers |= {name: value for name, value in change.items() if name in headers}
    with pytest.raises(DataError, match="webhook"):
        webhooks.verify(
            change.get("secret", SECRET), headers, change.get("body", BODY), change.get("now", NOW)
        )


def test_a_signature_among_others_will_do():
    headers = webhooks.sign(SECRET, "4f", BODY, NOW)
    headers["webhook-signature"] = "v1,b2xk v1a,eA== " + headers["webhook-signature"]
    assert webhooks.verify(SECRET, headers, BODY, NOW)


def test_a_secret_that_is_none():
    with pytest.raises(ConfigError, match="whsec_"):
        webhooks.verify("hunter 2", webhooks.sign(SECRET, "4f", BODY, NOW), BODY, NOW)


def test_the_message_is_the_same_at_each_try_and_tells_no_owner():
    job = Job(
        "0f",
        JobState.done,
        0.0,
        NOW,
        9.0,
        1.0,
        1,
        {},
        None,
        {"verdict": "real"},
        None,
        "a.jpg",
        "1e",
        "ann-the-owner",
    )
    assert webhooks.body_of(job) == webhooks.body_of(job)
    told = json.loads(webhooks.body_of(job))
    assert (told["type"], told["timestamp"]) == ("job.done", "2023-11-14T22:13:20.000+00:00")
    assert told["data"]["result"] == {"verdict": "real"}
    assert "ann-the-owner" not in str(told)


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://example.org", "https://", "https://ann:pw@example.org", "http://a:99999", "https://[::1",
     "https://example.org/" + "x" * 2000],
)  # fmt: skip
def test_addresses_that_can_not_be_called(url):
    with pytest.raises(ConfigError, match="webhook"):
        webhooks.check(url)


def test_the_receiver_of_the_documents_runs_and_refuses_forgeries(tmp_path):
    text = (Path(__file__).parents[3] / "docs/jobs.md").read_text(encoding="utf-8")
    (tmp_path / "receiver.py").write_text(
        re.search(r"<!-- run: receiver -->\n```python\n(.*?)```", text, re.S)[1]
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    body = b'{"data": {"id": "0f", "state": "done"}}'
    with subprocess.Popen(
        [sys.executable, tmp_path / "receiver.py"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as receiver:  # fmt: skip
        until = time.monotonic() + 60
        while not _listens(port):
            assert time.monotonic() < until
            time.sleep(0.05)
        forged = webhooks.sign(webhooks.secret_of("eve", b"m" * 32), "0f", body)
        signed = webhooks.sign(SECRET, "0f", body)
        config = CourierConfig(private=True)
        answers = [
            post(f"http://127.0.0.1:{port}/", body, headers, config) for headers in (forged, signed, signed)
        ]
        receiver.kill()
        assert (answers, receiver.stdout.read()) == ([400, 204, 204], "0f done\n")


def _listens(port):
    with socket.socket() as plug:
        return plug.connect_ex(("127.0.0.1", port)) == 0
