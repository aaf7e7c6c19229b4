"""A progress bar on standard error for work on many files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from catchlight.serve.report.words import printable

# Called with what is done and of how much, None where nobody knows.
Advance = Callable[[int, int | None], None]
Watch = Callable[[Path], Advance | None]


@contextmanager
def bars(console: Console, files: int, draw: bool) -> Iterator[Watch]:
    """A bar for the frames of the file at hand, and one for the files where there are several.

    Args:
        console: Where to draw; erased at the end.
        files: How many files there will be.
        draw: False draws nothing, for pipes and quiet runs.

    Yields:
        A function to call with each file as its turn comes; it returns the ``progress`` argument of
        `catchlight.detector.pipeline.Pipeline.analyse`.
    """
    if not draw:
        yield lambda file: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Standard output stays as it is: rich would otherwise send it to standard error while a bar is shown.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        everything = progress.add_task("files", total=files, visible=files > 1, completed=-1)
        frames: list[TaskID] = []

        def watch(file: Path) -> Advance:
            progress.advance(everything)
            # A task of its own for each file, as a total once known can't be taken back.
            for old in frames:
                progress.remove_task(old)
            task = progress.add_task(escape(printable(file.name)), total=None)
            frames[:] = [task]
            return lambda done, total: progress.update(task, completed=done, total=total)

        yield watch


@contextmanager
def counter(what: str) -> Iterator[Callable[[int, str], None]]:
    """A running count of things made, on standard error, only where that is a terminal."""
    console = Console(stderr=True)
    with console.status(f"0 {what}") as status:
        yield lambda number, name: status.update(f"{number} {what}  {escape(printable(name))}")
