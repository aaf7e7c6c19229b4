"""A typed client of the HTTP API: reports come back as `Report`, problems as our own errors.

with Client("http://127.0.0.1:8000") as client:
    report = client.detect("interview.jpg")
    print(report.verdict, report.reasons)

    job = client.submit("film.mp4")
    report = client.wait(job.id)
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from catchlight.detector import errors
from catchlight.detector.closing import Closing
from catchlight.detector.errors import CatchlightError, Overloaded, ServiceError
from catchlight.detector.report import from_dict
from catchlight.detector.types import Report

FINAL = ("done", "failed", "cancelled", "expired")
LONGEST_PAUSE = 5.0  # s between two questions about a job

Source = str | os.PathLike[str]
Option = str | float | bool


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A file in the service's queue.

    Attributes:
        id: Names it.
        state: ``queued``, ``running``, ``done``, ``failed``, ``cancelled`` or ``expired``.
        progress: 0 to 1.
        partial: A report on the frames so far.
        result: The report, when done.
        problem: Why it failed, as an RFC 9457 problem.
    """

    id: str
    state: str
    progress: float
    partial: Report | None
    result: Report | None
    problem: Mapping[str, Any] | None

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINAL


class Client(Closing):
    """Asks a catchlight service.

    Args:
        url: Where it is.
        key: An API key, if it asks for one.
        patience: Seconds for which a request that is refused for lack of room is sent again.
        timeout: Seconds for one answer.
        transport: How to reach it; by default over the network.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        patience: float = 30.0,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, transport=transport)
        self._patience = patience

    def detect(self, path: Source, **options: Option) -> Report:
        """Judge a file; where the service makes a job of it, wait for that.

        Args:
            path: An image or a video.
            options: ``detector``, ``sampling``, ``frames``, ``start``, ``end``, …; as the API has them.

        Raises:
            MediaError: The file can't be judged.
            ConfigError: An option can't be used.
            Overloaded: There was no room for as long as the client's patience lasts.
            ServiceError: The service can't be reached, or failed.
        """
        response = self._send(path, options, {})
        if response.status_code == 202:
            return self.wait(response.json()["id"])
        return from_dict(response.json())

    def submit(self, path: Source, *, idempotency_key: str | None = None, **options: Option) -> RemoteJob:
        """Put a file into the queue, and don't wait; errors as `detect`.

        Args:
            path: An image or a video.
            idempotency_key: The same key and file are one job, however often they are sent.
            options: As for `detect`, also ``webhook`` and ``retain``.
        """
        headers = {"Prefer": "respond-async"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return _job(self._send(path, options, headers).json())

    def job(self, id: str) -> RemoteJob:
        """A job now. Raises JobNotFound."""
        return _job(self._ask("GET", f"/v1/jobs/{id}").json())

    def jobs(self, limit: int = 100) -> tuple[RemoteJob, ...]:
        """Your jobs, the newest first."""
        return tuple(map(_job, self._ask("GET", "/v1/jobs", params={"limit": limit}).json()["jobs"]))

    def cancel(self, id: str) -> RemoteJob:
        """Stop a job; one that has ended stays as it is. Raises JobNotFound."""
        return _job(self._ask("DELETE", f"/v1/jobs/{id}").json())

    def forget(self, id: str) -> None:
        """Stop a job and delete its file and its result. Raises JobNotFound."""
        self._ask("DELETE", f"/v1/jobs/{id}", params={"forget": "true"})

    def page(self, id: str) -> str:
        """The HTML page on a job that is done. Raises JobNotFound before that."""
        return self._ask("GET", f"/v1/jobs/{id}/report.html").text

    def wait(self, id: str, seconds: float = 3600.0) -> Report:
        """The report of a job, as soon as it is done.

        Args:
            id: The job.
            seconds: How long to wait.

        Raises:
            MediaError: The file can't be judged.
            ServiceError: The job was cancelled, has expired, or is not done in time.
        """
        until, pause = time.monotonic() + seconds, 0.1
        while not (job := self.job(id)).final:
            if time.monotonic() > until:
                raise ServiceError(f"job {id} is not done after {seconds:g} s; ask for it later")
            time.sleep(pause)
            pause = min(1.5 * pause, LONGEST_PAUSE)
        if job.result is None:
            raise _error(job.problem or {"detail": f"job {id} is {job.state}", "code": "service_error"})
        return job.result

    def detectors(self) -> tuple[Mapping[str, Any], ...]:
        """What the service can judge with: name, version, hash, card."""
        return tuple(self._ask("GET", "/v1/detectors").json()["detectors"])

    def ready(self) -> bool:
        """Whether the service takes work now."""
        try:
            return self._http.get("/v2/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        """Let go of connections; calling it twice is fine."""
        self._http.close()

    def _send(
        self, path: Source, options: Mapping[str, Option], headers: Mapping[str, str]
    ) -> httpx.Response:
        name = Path(path).name
        try:
            with Path(path).open("rb") as file:
                parts = {"file": (name, file, "application/octet-stream")}
                return self._ask("POST", "/v1/detect", params=_plain(options), files=parts, headers=headers)
        except OSError as error:
            raise errors.MediaNotFound(f"{path} can't be read ({error}); check the path.") from error

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        until = time.monotonic() + self._patience
        while True:
            response = self._try(method, path, **request)
            wait = float(response.headers.get("Retry-After", 1))
            if response.status_code not in (429, 503) or time.monotonic() + wait > until:
                break
            time.sleep(wait)
            for _, file, _ in request.get("files", {}).values():
                file.seek(0)
        if response.is_error:
            raise _error(_problem(response))
        return response

    def _try(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            address = self._http.base_url
            raise ServiceError(
                f"the service at {address} gave no answer ({error}); is it running?"
            ) from error


def _plain(options: Mapping[str, Option]) -> dict[str, Option]:
    """Options as an address writes them."""
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in options.items()}


def _job(data: Mapping[str, Any]) -> RemoteJob:
    partial, result = data.get("partial"), data.get("result")
    return RemoteJob(
        id=data["id"],
        state=data["state"],
        progress=data["progress"],
        partial=from_dict(partial) if partial else None,
        result=from_dict(result) if result else None,
        problem=data.get("error"),
    )


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = {}
    return body if isinstance(body, dict) else {}


def _error(problem: Mapping[str, Any]) -> CatchlightError:
    """Our own error with the problem's code; a plain one where the code is of HTTP alone."""
    detail, code = str(problem.get("detail", "the service failed")), problem.get("code")
    if code in ("overloaded", "rate_limited", "too_slow"):
        return Overloaded(detail)
    if code in ("invalid_request", "bad_request", "unknown_name"):
        return errors.ConfigError(detail)
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CatchlightError)
    ]
    found = next((kind for kind in kinds if kind.code == code), ServiceError)
    return found(detail)
