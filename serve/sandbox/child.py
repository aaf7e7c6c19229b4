"""The program of a child process: put up the walls, warm a pipeline inside them, judge one file after the other.

Started by `catchlight.serve.sandbox.scorer`, as ``python -m catchlight.serve.sandbox.child``; it speaks the messages of
`catchlight.serve.sandbox.wire` through what were its standard input and output.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from catchlight.detector.errors import CatchlightError, ConfigError, DecoderCrashed, MediaError, MediaTooLarge
from catchlight.serve.sandbox import options, walls
from catchlight.serve.sandbox.config import SandboxConfig, from_json
from catchlight.serve.sandbox.wire import Message, describe, receive, send

if TYPE_CHECKING:
    from catchlight.detector.media import Sampling
    from catchlight.detector.pipeline import Analysis, Pipeline, Progress
    from catchlight.detector.types import Media
    from catchlight.serve.judging import Judging

PLUGINS = "catchlight.detectors"  # as in the registry, which loads what has threads
EVERY = 0.1  # seconds between two words of progress
FIRST_LOOK, FEWEST, MOST = 4, 4, 16  # a quarter of the frames first, at least 4 and at most 16


def main() -> None:
    """Serve until the parent closes the pipe."""
    requests, replies = _own_pipes()
    first = receive(requests)
    if first is None:
        return
    try:
        config = from_json(first)
        # Landlock holds for threads that are started later, so it comes before the libraries that start some.
        with walls.Memory() as memory:
            standing = _put_up_walls(config)
            threading.Thread(target=_end_with_parent, args=(requests,), daemon=True).start()
            judge = Judge(config)
            standing += walls.limit(config.open_files)
            standing += ["memory"] if memory.limit(config.memory) else []
    except CatchlightError as error:
        send(replies, {"error": describe(error, "", "")})
        return
    except ImportError as error:  # such as OpenCV without the system's libGL
        missing = ConfigError(f"a library can't be loaded: {error}. Install what it asks for.")
        send(replies, {"error": describe(missing, "", "")})
        return
    send(replies, {"ready": standing})
    while (task := receive(requests)) is not None:
        send(replies, judge(task, lambda message: send(replies, message)))


class Judge:
    """Judges files with detectors that stay loaded.

    Args:
        config: Which detectors to load.

    Raises:
        CatchlightError: A detector can't be loaded.
    """

    def __init__(self, config: SandboxConfig) -> None:
        self._usual = config.detectors[0]
        self._pipelines: dict[str, Judging] = {}
        for name in config.detectors:
            _warm(self._pipeline({"detector": name}))
        _give_back()

    def __call__(self, task: Message, tell: Callable[[Message], None]) -> Message:
        """Answer one request: a report, or what was wrong; ``tell`` takes progress and the first look."""
        path, name = str(task["path"]), str(task["name"])
        walls.limit_cpu(float(task["cpu_seconds"]))
        try:
            total = self._look_first(path, name, task["options"], tell) if task.get("first_look") else None
            return self._judged(path, name, task["options"], _seldom(tell, total))
        except CatchlightError as error:
            return {"error": describe(error, path, name)}
        except Exception as error:  # a fault of ours in one file must not stop the others
            return {"error": describe(_ours(error, name), path, name), "faulty": True}

    def _look_first(
        self, path: str, name: str, wishes: Message, tell: Callable[[Message], None]
    ) -> int | None:
        """Tell a report on a few frames of a video soon; returns how many frames there will be in all, about."""
        from catchlight.detector.media import probe

        config = options.config(wishes)
        media, few = probe(path, config.limits), _fewer(config.sampling)
        if few is not None and media.kind == "video":
            told = {**wishes, "sampling": asdict(few), "page": False, "heatmap": False}
            with suppress(MediaError):  # what is wrong with it, the whole look will say
                tell({"partial": self._judged(path, name, told, lambda done, total: None)["report"]})
        return _expected(media, config.sampling)

    def _judged(self, path: str, name: str, wishes: Message, progress: Progress) -> Message:
        from catchlight.detector.report import to_dict
        from catchlight.serve import judging

        wished = judging.wishes(wishes)
        found = judging.judge(self._pipeline(wishes), Path(path), wished, progress)
        report = replace(found.report, media=replace(found.report.media, path=name))
        page = _page(replace(found, report=report)) if options.wants_page(wishes) else None
        told = to_dict(report) | ({"heatmaps": judging.heatmaps(found)} if wished.heatmap else {})
        return {"report": told, "page": page}

    def _pipeline(self, wishes: Message) -> Judging:
        """The loaded pipeline of the wished detector, set to judge as wished."""
        from catchlight.serve.judging import Judging

        config = options.config({"detector": self._usual, **wishes})
        if config.detector not in self._pipelines:
            self._pipelines[config.detector] = Judging(config)
        pipeline = self._pipelines[config.detector]
        pipeline.config = config
        return pipeline


def _fewer(sampling: Sampling) -> Sampling | None:
    """A quarter of the frames, evenly spaced; None where there are few already."""
    count = (sampling.max_frames if sampling.policy == "dense" else sampling.count) // FIRST_LOOK
    if count < FEWEST:
        return None
    policy = "even" if sampling.policy == "dense" else sampling.policy
    return replace(sampling, policy=policy, count=min(count, MOST))


def _expected(media: Media, sampling: Sampling) -> int | None:
    if media.kind == "image":
        return 1
    if sampling.policy == "dense":
        return min(sampling.max_frames, round(media.duration * sampling.rate)) or None
    return min(sampling.count, media.frames or sampling.count)


def _warm(pipeline: Pipeline) -> None:
    """Judge a drawn face: the first file then takes no longer, and no more memory, than the others."""
    from catchlight.serve.sandbox import drawn

    if sys.platform.startswith("linux"):
        with drawn.file() as path:
            pipeline.analyse(path)


def _page(analysis: Analysis) -> str:
    from catchlight.serve.report.html import Page

    page = Page()
    page.add(analysis)
    return page.html()


def _ours(error: Exception, name: str) -> CatchlightError:
    """What is told of an exception that nobody expected; memory is the file's doing, all else is ours."""
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError) or "memory" in what.lower() or "start new thread" in what:
        return MediaTooLarge(
            f"{name} needs more memory than one file may take; scale it down, or cut it ({what})."
        )
    return DecoderCrashed(f"a fault in catchlight, not in your file {name} ({what}); please report it.")


def _seldom(tell: Callable[[Message], None], expected: int | None) -> Progress:
    """Progress as messages, but not one a frame; ``expected`` stands in where the pipeline knows no total."""
    last = -EVERY  # the first is told at once: it shows that the file can be decoded

    def progress(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            tell({"progress": [done, total or (expected and max(done, expected))]})

    return progress


def _give_back() -> None:
    """What loading left over goes back to the system: unpacking the networks takes megabytes for a moment."""
    gc.collect()
    gc.freeze()
    with suppress(AttributeError, OSError):  # not every C library has it
        ctypes.CDLL(None).malloc_trim(0)


def _own_pipes() -> tuple[int, int]:
    """The pipes to the parent, moved away from where libraries print and read."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, replies


def _put_up_walls(config: SandboxConfig) -> list[str]:
    """The walls that hold for threads of later; the names of those that stand."""
    standing = []
    if config.folders and walls.only_read([*config.folders, *_own_code(), *_of_detectors(config)]):
        standing.append("landlock")
    if walls.refuse_calls():
        standing.append("seccomp")
    return standing


def _own_code() -> list[Path]:
    """Where our modules, the libraries that they load, and the templates of pages lie."""
    places = {*sysconfig.get_paths().values(), sys.base_prefix, sys.prefix, *filter(None, sys.path)}
    return [*map(Path, [*places, *walls.SYSTEM]), Path(__file__).resolve().parents[2]]


def _of_detectors(config: SandboxConfig) -> list[Path]:
    """Where detectors lie that are folders, or packages that were installed in place."""
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    points = {point.name: point.value for point in entry_points(group=PLUGINS)}
    found = [Path(name).absolute() for name in config.detectors if Path(name).is_dir()]
    for name in config.detectors:
        package = points.get(name, name if ":" in name else "").partition(":")[0].partition(".")[0]
        spec = find_spec(package) if package else None  # finds it, and loads nothing of it
        found += map(Path, (spec.submodule_search_locations if spec else None) or ())
    return found


def _end_with_parent(requests: int) -> None:
    """A parent that was killed can't end its child; the pipe that breaks then can."""
    watch = select.poll()
    watch.register(requests, 0)  # hang-ups are always told
    watch.poll()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
