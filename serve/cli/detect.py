"""``catchlight detect PATH...``: judge files and folders.

Heavy modules are imported inside the functions, because ``catchlight --help`` reads this one.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catchlight.detector.errors import CatchlightError, UnknownName
from catchlight.serve.cli.files import find
from catchlight.serve.report.words import Problem, printable

if TYPE_CHECKING:
    from catchlight.detector.media import Policy
    from catchlight.detector.pipeline import DetectConfig, Pipeline
    from catchlight.detector.types import Report
    from catchlight.serve.cli.progress import Advance
    from catchlight.serve.report.html import Page

log = logging.getLogger(__name__)

POLICIES = ("auto", "key", "even", "dense")


@click.command("detect", context_settings={"auto_envvar_prefix": "CATCHLIGHT"})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print one line of JSON a file: its Report, or what went wrong."
)
@click.option(
    "--report",
    "page_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Write one self-contained page with the frames and faces of all files.",
)
@click.option(
    "--detector",
    default="mobilenet",
    show_default=True,
    metavar="NAME",
    help="Which detector judges: a name, a bundle's folder, or package.module:factory.",
)
@click.option(
    "--sampling",
    type=click.Choice(POLICIES),
    default="auto",
    show_default=True,
    help="Which frames of a video are looked at: as fits the file, key frames, evenly spaced, or dense.",
)
@click.option(
    "--frames",
    type=click.IntRange(1),
    default=32,
    show_default=True,
    help="How many frames of a video, at most (all that the rate asks for with --sampling dense).",
)
@click.option(
    "--cues/--no-cues",
    default=True,
    help="Measure the single signs too (on without it); they change no verdict.",
)
@click.option("--all-files", is_flag=True, help="In folders, try every file, whatever its name ends in.")
@click.option("-v", "--verbose", is_flag=True, help="Add the model, hashes and timings; log what is done.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar and no notes; errors are still told.")
def command(
    paths: tuple[Path, ...],
    as_json: bool,
    page_path: Path | None,
    detector: str,
    sampling: Policy,
    frames: int,
    cues: bool,
    all_files: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Judge the faces in photographs and videos.

    The verdict on each is fake, real or undecided, with the reasons. PATH is an image, a video, or a
    folder, which is searched through for both. Every file is judged by
    itself; one that can't be read is named with the reason, and the others are still judged.

    Exit status: 0 when all files were judged ("undecided" is a judgement), 1 when any failed, 2 when the
    arguments can't be used, 130 when stopped. Each option can also be set in the environment, such as
    CATCHLIGHT_DETECTOR for --detector.
    """
    files = find(paths, all_files)
    if page_path:
        _check_page(page_path, files)
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    with _pipeline(_config(detector, sampling, frames, page_path is not None, cues)) as pipeline:
        run = _Run(pipeline, files, as_json, page_path, verbose, quiet)
        run.judge_all()
    if run.failed:
        raise click.exceptions.Exit(1)


def _check_page(page: Path, files: Sequence[Path]) -> None:
    """Refuse a page that could not be written, before any work is done."""
    if not page.parent.is_dir():
        problem = f"the folder {printable(str(page.parent))} does not exist; create it first"
    elif not os.access(page.parent, os.W_OK):
        problem = f"the folder {printable(str(page.parent))} can't be written to; choose another"
    elif page.exists() and any(file.exists() and page.samefile(file) for file in files):
        problem = "the page would overwrite one of the files to judge; choose another name"
    else:
        return
    raise click.BadParameter(problem, param_hint="--report")


def _config(detector: str, sampling: Policy, frames: int, thumbnails: bool, cues: bool) -> DetectConfig:
    from catchlight.detector.media import Sampling
    from catchlight.detector.pipeline import DetectConfig

    return DetectConfig(
        detector=detector,
        sampling=Sampling(policy=sampling, count=frames),
        thumbnails=thumbnails,
        cues=None if cues else (),
    )


def _pipeline(config: DetectConfig) -> Pipeline:
    from catchlight.detector.pipeline import Pipeline

    try:
        return Pipeline(config)
    except UnknownName as error:
        raise click.BadParameter(str(error), param_hint="--detector") from error


class _Run:
    """One call of the command: judges file after file, and keeps what has to be shown at the end."""

    def __init__(
        self,
        pipeline: Pipeline,
        files: Sequence[Path],
        as_json: bool,
        page_path: Path | None,
        verbose: bool,
        quiet: bool,
    ) -> None:
        from rich.console import Console

        self.pipeline, self.files, self.as_json = pipeline, files, as_json
        self.page_path, self.verbose, self.quiet = page_path, verbose, quiet
        self.page = _new_page() if page_path else None
        self.outcomes: list[Report | Problem] = []
        self.errors = Console(stderr=True, highlight=False, soft_wrap=True)

    @property
    def failed(self) -> bool:
        return any(isinstance(outcome, Problem) for outcome in self.outcomes)

    def judge_all(self) -> None:
        """Judge every file; what was judged before Ctrl-C is shown, too."""
        from catchlight.serve.cli.progress import bars

        try:
            with bars(self.errors, len(self.files), self._may_draw()) as watch:
                for file in self.files:
                    self._add(self._judge(file, watch(file)))
        except KeyboardInterrupt:
            self._show()
            click.echo(f"{len(self.files) - len(self.outcomes)} of {len(self.files)} not judged.", err=True)
            raise
        self._show()
        if self.page and self.page_path:
            self._write(self.page, self.page_path)

    def _may_draw(self) -> bool:
        """A progress bar needs a terminal of its own, or lines of JSON would run through it."""
        return not self.quiet and self.errors.is_terminal and not (self.as_json and sys.stdout.isatty())

    def _judge(self, file: Path, advance: Advance | None) -> Report | Problem:
        try:
            analysis = self.pipeline.analyse(file, advance)
            if self.page:
                self.page.add(analysis)
        except CatchlightError as error:
            return Problem(str(file), error.code, str(error))
        except BrokenPipeError:
            raise
        except Exception as error:  # a fault of ours in one file must not stop the others
            log.info("judging %s failed", file, exc_info=True)
            what = f"{type(error).__name__}: {error}"
            hint = "" if self.verbose else "; --verbose shows where"
            message = f"a fault in catchlight, not in your file ({what}){hint}"
            return Problem(str(file), "internal_error", message)
        return analysis.report

    def _add(self, outcome: Report | Problem) -> None:
        self.outcomes.append(outcome)
        if isinstance(outcome, Problem):
            self._tell(outcome)
        if self.as_json:
            click.echo(_line(outcome))

    def _tell(self, problem: Problem) -> None:
        from rich.text import Text

        if self.page:
            self.page.add_problem(problem)
        message = printable(problem.message)
        named = message if printable(problem.path) in message else f"{printable(problem.path)}: {message}"
        self.errors.print(Text("Error: ", style="bold red") + Text(named))

    def _show(self) -> None:
        from rich.console import Console

        from catchlight.serve.cli import table

        if self.as_json:
            return
        console = Console(highlight=False)
        with console.capture() as text:
            table.show(self.outcomes, console, details=self.verbose)
        # Written here and not by rich, which would end the process itself when the reader is gone.
        sys.stdout.write(text.get())
        sys.stdout.flush()

    def _write(self, page: Page, path: Path) -> None:
        try:
            page.write(path)
        except OSError as error:
            reason = f"{printable(str(path))} could not be written: {error.strerror or error}"
            raise click.ClickException(reason) from error
        if not self.quiet:
            click.echo(f"Report written to {printable(str(path))}", err=True)


def _new_page() -> Page:
    from catchlight.serve.report.html import Page

    return Page()


def _line(outcome: Report | Problem) -> str:
    import json

    from catchlight.detector.report import to_json

    if isinstance(outcome, Problem):
        error = {"code": outcome.code, "message": outcome.message}
        return json.dumps({"path": outcome.path, "error": error})
    return to_json(outcome)
