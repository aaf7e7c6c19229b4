"""`catchlight serve` refuses what would surprise its user, before anything is started; the rest is test_server.py's."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from catchlight.serve.cli.main import main


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--bind", "0.0.0.0:8000"], "catchlight keys create"),
        (["--bind", "[::]:8000"], "--open"),
        (["--detector", "mobilnet"], "did you mean 'mobilenet'"),
        (["--processes", "0"], "--processes"),
        (["--auth", "maybe"], "--auth"),
    ],
)
def test_arguments_that_can_not_be_meant_end_it_at_once(
    arguments: list[str], says: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(main, ["serve", "--state", str(tmp_path), *arguments])
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


def test_a_mistyped_setting_of_the_environment_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATCHLIGHT_MAX_BODDY", "1")
    result = CliRunner().invoke(main, ["serve", "--state", str(tmp_path)])
    assert result.exit_code == 2
    assert "CATCHLIGHT_MAX_BODY" in result.stderr
