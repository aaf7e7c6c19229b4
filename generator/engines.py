"""Who does the work: processes of this machine, or a Ray cluster. All give the same bytes.

An engine takes chunks of drafts and gives, in any order, what was made of each chunk. Processes and not threads,
because forging a small face is many short calls that hold the interpreter's lock (docs/recipes.md has the numbers).
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any

import cv2

from catchlight.datasets.faces import Store, open_store
from catchlight.detector.errors import CatchlightError, ConfigError, DataError, UnknownName
from catchlight.generator import registry
from catchlight.generator.make import Made, Maker, make_chunk
from catchlight.generator.plan import Draft

Chunk = tuple[Draft, ...]
# Samples made, or the kind and the text of what went wrong: not every error survives the way between processes.
Outcome = tuple[list[Made], str, str]
Engine = Callable[[Store, Path, Sequence[Chunk], int], Iterator[list[Made]]]
RETRIES = 3  # how often Ray makes a chunk whose worker died
# A network's sums depend on the number of threads, which its library fixes when it is loaded: methods that may load
# one are made in processes that were started with one thread, even if one worker is all there is.
LIGHT = frozenset(registry.BUILT_IN) - {"reconstruct", "reconstruct_blend"}
CONNECT_SECONDS = 10.0
IN_FLIGHT = 4  # chunks a Ray worker is given ahead


def create(name: str) -> Engine:
    """The engine of a name.

    Raises:
        UnknownName: No such engine; the message lists the valid ones.

    Example:
        >>> create("local").__name__
        'local'
    """
    if name not in ENGINES:
        raise UnknownName("engine", name, ENGINES)
    return ENGINES[name]


def local(store: Store, out: Path, chunks: Sequence[Chunk], workers: int) -> Iterator[list[Made]]:
    """Make chunks on this machine.

    Args:
        store: The real faces.
        out: Folder of the set.
        chunks: The work.
        workers: Number of processes; 1 works in this one where no network may be needed.

    Yields:
        What was made of each chunk, as it is ready.

    Raises:
        DataError: A worker was killed, or as `make_chunk`.
    """
    if workers == 1 and all(draft.method in LIGHT for chunk in chunks for draft in chunk):
        yield from _here(store, out, chunks)
        return
    pool = _pool(workers)
    try:
        for future in as_completed([pool.submit(_attempt, store.folder, out, chunk) for chunk in chunks]):
            yield _result(future.result())
    except BrokenProcessPool as error:
        raise DataError(
            f"one of {workers} worker processes was killed, often because memory ran out. Run the same command "
            "again, with fewer workers if it happens again: it goes on from there"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def make_again(store: Store, draft: Draft) -> tuple[Made, dict[str, bytes]]:
    """Make one sample in memory, on one thread as an engine makes it; see `Maker.make`."""
    if draft.method in LIGHT:
        return Maker(store).make(draft)
    with _pool(1) as pool:
        return pool.submit(_make_one, store.folder, draft).result()


def _make_one(faces: Path, draft: Draft) -> tuple[Made, dict[str, bytes]]:
    return Maker(open_store(faces)).make(draft)


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned, because a fork copies the locks that other threads of this process may hold.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start_worker)


def _here(store: Store, out: Path, chunks: Sequence[Chunk]) -> Iterator[list[Made]]:
    maker, threads = Maker(store), cv2.getNumThreads()
    cv2.setNumThreads(1)  # on pictures this small more threads cost more than they bring
    try:
        for chunk in chunks:
            yield make_chunk(store.folder, out, chunk, maker)
    finally:
        cv2.setNumThreads(threads)


def on_ray(store: Store, out: Path, chunks: Sequence[Chunk], workers: int) -> Iterator[list[Made]]:
    """Make chunks on a Ray cluster: the one that ``RAY_ADDRESS`` names, else one of this machine.

    Every node needs catchlight, and the folders of store and set under the same paths.

    Args:
        store: The real faces.
        out: Folder of the set.
        chunks: The work, a task each; a task whose worker dies is done again.
        workers: Processes of a cluster of this machine.

    Yields:
        What was made of each chunk, as it is ready.

    Raises:
        ConfigError: Ray is not installed.
        DataError: A task's workers died again and again, the cluster is lost, or as `make_chunk`.
    """
    ray = _ray()
    address = os.environ.get("RAY_ADDRESS", "")
    size: dict[str, Any] = (
        {"address": "auto"} if address else {"num_cpus": workers, "include_dashboard": False}
    )
    try:
        _knock(address)
        ray.init(log_to_driver=False, logging_level="ERROR", **size)
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"no Ray cluster to work on: {error}") from error
    try:
        task = ray.remote(num_cpus=1, max_retries=RETRIES)(_ray_attempt)
        ahead = IN_FLIGHT * max(1, int(ray.cluster_resources().get("CPU", workers)))
        for outcome in _in_turns(ray, task, (store.folder.resolve(), out.resolve()), list(chunks), ahead):
            yield _result(outcome)
    except ray.exceptions.RayError as error:
        raise DataError(f"Ray gave up: {error}. Run the same command again: it goes on from there") from error
    finally:
        ray.shutdown()


def _in_turns(
    ray: Any, task: Any, folders: tuple[Path, Path], waiting: list[Chunk], ahead: int
) -> Iterator[Outcome]:
    """Outcomes as they come; so many tasks at a time that no worker waits and the cluster holds no long list."""
    running: list[Any] = []
    waiting.reverse()
    while waiting or running:
        while waiting and len(running) < ahead:
            running.append(task.remote(*folders, waiting.pop()))
        ready, running = ray.wait(running)
        yield from ray.get(ready)


def _knock(address: str) -> None:
    """See that somebody listens at HOST:PORT, for Ray itself waits for ever where nobody does."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise ConfigError("engine 'ray' needs Ray: pip install 'catchlight[ray]'") from error
    return ray


def _ray_attempt(faces: Path, out: Path, chunk: Chunk) -> Outcome:
    _one_thread()
    return _attempt(faces, out, chunk)


def _attempt(faces: Path, out: Path, chunk: Chunk) -> Outcome:
    try:
        return make_chunk(faces, out, chunk), "", ""
    except CatchlightError as error:
        return [], "config" if isinstance(error, ConfigError) else "data", str(error)


def _result(outcome: Outcome) -> list[Made]:
    made, kind, text = outcome
    if kind == "config":
        raise ConfigError(text)
    if kind:
        raise DataError(text)
    return made


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, end with it even if it was killed, and use one thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _one_thread()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _one_thread() -> None:
    """As many processes work as there are cores; libraries read these names when they are loaded."""
    cv2.setNumThreads(1)
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


ENGINES: dict[str, Engine] = {"local": local, "ray": on_ray}
