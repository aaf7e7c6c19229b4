"""Webhooks: the end of a job, told to an address of its owner, signed so that they can tell it from a forgery.

Signed as https://www.standardwebhooks.com asks (its libraries verify ours in many languages): HMAC-SHA256 over
``id.timestamp.body``. A receiver in Python needs `verify` alone, and docs/jobs.md has a whole one that runs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from catchlight.detector.errors import ConfigError, DataError
from catchlight.serve.jobs.types import Job

MARK = "whsec_"  # begins a secret, so that scanners for leaked ones find it
TOLERANCE = 300.0  # seconds that a message may be old, or a clock be off
LONGEST = 2000  # characters of an address


def check(url: str) -> None:
    """See that an address can be called.

    Raises:
        ConfigError: It is not http or https, has no host, or carries a password.

    Example:
        >>> check("https://example.org/catchlight")
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"webhook: {url!r} is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or len(url) > LONGEST:
        raise ConfigError(f"webhook: expected https://host/path, received {url[:80]!r}")
    if parts.username or parts.password:
        raise ConfigError("webhook: an address with a password is not called; the signature tells who calls")


def secret_of(owner: str, master: bytes) -> str:
    """The signing key of one owner, so that no owner can forge what another one gets.

    Example:
        >>> secret_of("ann", b"m" * 32) == secret_of("bob", b"m" * 32)
        False
    """
    key = hmac.new(master, f"catchlight webhooks of {owner}".encode(), hashlib.sha256).digest()
    return MARK + base64.b64encode(key).decode()


def body_of(job: Job) -> bytes:
    """What is told of a job that has ended: the same bytes at each try."""
    told = {
        "type": f"job.{job.state}",
        "timestamp": datetime.fromtimestamp(job.updated, UTC).isoformat(timespec="milliseconds"),
        "data": {
            "id": job.id,
            "state": job.state,
            "media": {"name": job.media_name, "sha256": job.media_sha256},
            "attempts": job.attempts,
            "result": job.result,
            "error": job.error,
        },
    }
    return json.dumps(told, allow_nan=False).encode()


def sign(secret: str, id: str, body: bytes, now: float | None = None) -> dict[str, str]:
    """The headers that prove where a message comes from.

    Args:
        secret: Of the receiver.
        id: Of the message, the same at each try, so that the receiver can drop the second one.
        body: The message.
        now: Seconds since 1970; by default the present.

    Example:
        >>> headers = sign(secret_of("ann", b"m" * 32), "4f", b"{}", now=1_700_000_000)
        >>> headers["webhook-id"], headers["webhook-timestamp"]
        ('4f', '1700000000')
    """
    moment = str(int(time.time() if now is None else now))
    return {
        "webhook-id": id,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + _signature(secret, id, moment, body),
    }


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None
) -> dict[str, object]:
    """The message, if it comes from the service and is not an old one sent again.

    Args:
        secret: What the service gave: ``whsec_…``.
        headers: Of the request; names in any case.
        body: The bytes as they came; not parsed and written again.
        now: Seconds since 1970; by default the present.

    Returns:
        The body as plain values: ``type``, ``timestamp``, ``data``.

    Raises:
        DataError: A header is missing, it is over five minutes old, or the signature is another's. Answer 400 then.

    Example:
        >>> secret = secret_of("ann", b"m" * 32)
        >>> verify(secret, sign(secret, "4f", b'{"type": "job.done"}'), b'{"type": "job.done"}')
        {'type': 'job.done'}
    """
    given = {name.lower(): value for name, value in headers.items()}
    id, moment = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not moment.isdecimal() or abs((time.time() if now is None else now) - int(moment)) > TOLERANCE:
        raise DataError(
            f"webhook: expected a message of the last {TOLERANCE:g} s, received timestamp {moment!r}"
        )
    expected = _signature(secret, id, moment, body).encode()
    found = [part.partition(",") for part in given.get("webhook-signature", "").split()]
    # Every candidate is compared, in a time that tells nothing of where they differ.
    right = [hmac.compare_digest(expected, value.encode()) for version, _, value in found if version == "v1"]
    if not any(right):
        raise DataError("webhook: the signature is not of this secret, id, time and body; drop the message")
    message: dict[str, object] = json.loads(body)
    return message


def _signature(secret: str, id: str, moment: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(MARK), validate=True)
    except ValueError as error:
        raise ConfigError(
            f"webhook: expected a secret {MARK}... in base64, received something else"
        ) from error
    signed = b".".join((id.encode(), moment.encode(), body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
