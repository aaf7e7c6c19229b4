"""The bars: drawn on a terminal, absent elsewhere, harmless whatever a file is called."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from catchlight.serve.cli.progress import bars


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_nothing_is_drawn_when_it_may_not() -> None:
    console = terminal()
    with bars(console, 2, draw=False) as watch:
        assert watch(Path("a.jpg")) is None
    assert written(console) == ""


@pytest.mark.parametrize(("files", "shown"), [(1, False), (3, True)])
def test_several_files_have_a_bar_of_their_own(files: int, shown: bool) -> None:
    console = terminal()
    with bars(console, files, draw=True) as watch:
        advance = watch(Path("clip.mp4"))
        assert advance
        advance(8, 32)
    assert "clip.mp4" in written(console)
    assert "8/32" in written(console)
    assert (f"0/{files}" in written(console)) is shown


def test_a_length_that_nobody_knows_is_drawn_as_such() -> None:
    console = terminal()
    with bars(console, 2, draw=True) as watch:
        for name, done, total in (("clip.mp4", 8, 32), ("stream.ts", 5, None)):
            advance = watch(Path(name))
            assert advance
            advance(done, total)
    assert "5/?" in written(console)


def test_names_are_neither_markup_nor_commands() -> None:
    console = terminal()
    with bars(console, 1, draw=True) as watch:
        watch(Path("[red]a[blue]\x1b]0;title\x07.mp4"))
    assert r"[red]a[blue]\x1b]0;title\x07.mp4" in written(console)
