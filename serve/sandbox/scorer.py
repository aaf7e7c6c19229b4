"""One child process that judges strangers' files, as an object.

    with Scorer() as scorer:
        answer = scorer.score(Path("upload-7f"), name="holiday.jpg")
        print(answer.report["verdict"])

The parent decodes nothing and loads neither a network nor OpenCV. Whatever a file does to the child ends in an error of
ours here; the child is then gone, and the next call starts another.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from catchlight.detector.closing import Closing
from catchlight.detector.errors import (
    CatchlightError,
    DataError,
    DecoderCrashed,
    MediaTookTooLong,
    ServiceError,
)
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.ends import crashed, over, share, starved, worked
from catchlight.serve.sandbox.spawn import spawn
from catchlight.serve.sandbox.wire import Message, checked, readable, rebuild, receive, send, task_of

if TYPE_CHECKING:
    from catchlight.detector.types import Report

BEAT = 0.5  # seconds between two calls of ``watch`` where the child has nothing to say
STARVED = 0.5  # share of its time below which a file had too little of the processor to be blamed

Watch = Callable[[float | None], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in one file.

    Attributes:
        report: The report as plain JSON values (schema 1).
        found: The same as an object.
        page: The one-file HTML page where the option ``page`` asked for it.
    """

    report: dict[str, Any]
    found: Report
    page: str | None = None


@dataclass(slots=True)
class Scorer(Closing):
    """One child process; started at the first use, or by `start`. For one thread at a time.

    Attributes:
        config: Its limits.
        walls: Names of the walls that stand around the running child: ``memory``, ``seccomp``, ``landlock``, …
        judged: Files that the running child has judged.
    """

    config: SandboxConfig = field(default_factory=SandboxConfig)
    walls: tuple[str, ...] = ()
    judged: int = 0
    _child: subprocess.Popen[bytes] | None = None
    _owes_until: float | None = None

    def start(self) -> Self:
        """Start the child and wait until it is warm, if it is not running.

        Raises:
            CatchlightError: A detector can't be loaded; as `Pipeline` raises it.
            ServiceError: The child doesn't come up.
        """
        if not self.alive:
            self.close()
            self._child, self.judged, self._owes_until = spawn(), 0, None
            try:
                self.walls = self._greet()
            except BaseException:
                self.kill()
                raise
        return self

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """The child's process id; None when there is none."""
        return self._child.pid if self._child else None

    @property
    def owes(self) -> bool:
        """Whether the child still works on a file that nobody waits for any more; see `settle`."""
        return self._owes_until is not None

    @property
    def worn(self) -> bool:
        """Whether the child has judged as many files as it should."""
        return self.judged >= self.config.max_files

    def score(
        self,
        path: Path,
        *,
        name: str | None = None,
        options: Mapping[str, object] | None = None,
        seconds: float | None = None,
        picture: float | None = None,
        watch: Watch | None = None,
        partial: Callable[[dict[str, Any]], None] | None = None,
    ) -> Answer:
        """Judge one file.

        Args:
            path: The file.
            name: What to call it in the report and in errors; by default its path.
            options: How to judge it, see `catchlight.serve.sandbox.options`.
            seconds: How long it may take; the configuration's ``wall_seconds`` at most.
            picture: How long it may take until its first picture was looked at; None for ``seconds``.
            watch: Called twice a second at least, with the share of frames done (0 to 1) or None if nothing is new.
                What it raises ends the child and rises.
            partial: Called with a report on a quarter of the frames of a video, as soon as there is one. It costs about
                a fifth of the time.

        Raises:
            MediaError: The file can't be judged: as `Pipeline.analyse`; MediaTookTooLong, MediaStuck, DecoderCrashed.
            ConfigError: The options can't be used.
            Overloaded: No picture in time, for want of a processor. The child goes on, see `settle`.
            ServiceError: No child comes up.
        """
        if self.owes:
            self.kill()
        task = task_of(path, name or str(path), options or {}, self.config, partial is not None)
        limit = min(seconds or self.config.wall_seconds, self.config.wall_seconds)
        if not self.alive:
            self.start()
        self.judged += 1
        try:
            reply = self._ask(task, limit, picture or limit, watch or _unwatched, partial or _unwatched)
            if "error" not in reply:
                page, told = reply.get("page"), reply.get("report", {})
                return Answer(told, checked(told), page if isinstance(page, str) else None)
        except DataError as error:
            self.kill()
            raise DecoderCrashed(
                f"judging {task['name']} gave an answer that is no report: {error}"
            ) from error
        except BaseException:
            if not self.owes:
                self.kill()
            raise
        if reply.get("faulty"):
            self.kill()
        raise rebuild(reply["error"])

    def settle(self) -> None:
        """Let the child end what nobody waits for, and forget it; one that takes all of its time is killed."""
        until, self._owes_until = self._owes_until, None
        if until is None:
            return
        try:
            _, source = self._pipes()
            while (reply := receive(source, until - time.monotonic())) is not None:
                if "error" in reply or "report" in reply:
                    return
        except CatchlightError:
            self.kill()

    def kill(self) -> None:
        """End the child at once."""
        if self._child:
            with contextlib.suppress(OSError):
                self._child.kill()
        self.close()

    def close(self) -> None:
        """Let the child end; one that is busy is killed after a second. Calling it twice is fine."""
        child, self._child, self._owes_until = self._child, None, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
        try:
            child.wait(1.0)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _pipes(self) -> tuple[int, int]:
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise ServiceError("the sandbox has no child; call start() first")
        return child.stdin.fileno(), child.stdout.fileno()

    def _greet(self) -> tuple[str, ...]:
        to, source = self._pipes()
        try:
            send(to, self.config.to_json())
            reply = receive(source, self.config.start_seconds)
        except (OSError, MediaTookTooLong) as error:
            raise ServiceError(
                f"the sandbox did not start ({error}); is the machine out of memory?"
            ) from error
        if reply is None:
            raise ServiceError(f"the sandbox ended while it started: {self._end()}; try `catchlight demo`.")
        if "error" in reply:
            raise rebuild(reply["error"])
        return tuple(reply.get("ready", ()))

    def _ask(
        self, task: Message, limit: float, picture: float, watch: Watch, partial: Callable[[Any], None]
    ) -> Message:
        """Send a task and hear the child out."""
        to, source = self._pipes()
        until = time.monotonic() + limit
        sign, before = min(until, time.monotonic() + picture), worked(self.pid)
        try:
            send(to, task)
        except OSError as error:
            raise crashed(task["name"], self._end(), self.config) from error
        while True:
            left = sign - time.monotonic()
            if left <= 0:
                if sign < until and worked(self.pid) - before < STARVED * picture:
                    self._owes_until = until
                    raise starved(task["name"], picture)
                raise over(task["name"], limit, picture, shown=sign == until)
            # A message that has begun is read whole: half of one in the pipe would be taken for the next one's head.
            if not readable(source, min(BEAT, left)):
                watch(None)
                continue
            try:
                reply = receive(source, left)
            except MediaTookTooLong as error:
                raise over(task["name"], limit, picture, shown=sign == until) from error
            if reply is None:
                raise crashed(task["name"], self._end(), self.config)
            sign = until
            if "partial" in reply:
                checked(reply["partial"])
                partial(reply["partial"])
                partial = _unwatched  # there is one first look
            elif "progress" in reply:
                watch(share(reply["progress"]))
            else:
                return reply

    def _end(self) -> str:
        """How the child ended: a signal's name or an exit status."""
        if self._child is None:
            return "never started"
        try:
            status = self._child.wait(5.0)
        except subprocess.TimeoutExpired:
            return "no answer"
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _unwatched(news: object) -> None:
    """Nobody wants to know."""
