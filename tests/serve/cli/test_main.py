"""The group: quick help, subcommands loaded on demand, errors as exit statuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner, Result

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.serve.cli import main as module
from catchlight.serve.cli.main import COMMANDS, main

HEAVY = ("numpy", "cv2", "mediapipe", "tensorflow", "keras", "sklearn", "av", "flask", "jinja2", "rich")


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args, prog_name="catchlight")


def loaded_by(*args: str) -> set[str]:
    code = (
        "import sys\nfrom catchlight.serve.cli.main import main\n"
        f"main({list(args)!r}, standalone_mode=False)\nprint('|'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split("|"))


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, BaseException]]:
    """Adds a subcommand ``fail`` that raises what the test puts into the dict."""
    errors: dict[str, BaseException] = {}

    @click.command("fail")
    def fail() -> None:
        """Fail."""
        click.echo("begun")
        raise errors["now"]

    monkeypatch.setitem(COMMANDS, "fail", f"{module.__name__}:fail")
    monkeypatch.setattr(module, "fail", fail, raising=False)
    return errors


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("detect", "--help")])
def test_help_loads_nothing_heavy(args: tuple[str, ...]) -> None:
    assert loaded_by(*args).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_a_sentence(name: str) -> None:
    overview, own = run("--help"), run(name, "--help")
    assert (overview.exit_code, own.exit_code) == (0, 0)
    listed = " ".join(overview.output.partition("Commands:")[2].split())
    sentence = " ".join(own.output.split("\n\n")[1].split()).partition(". ")[0].rstrip(".")
    assert f" {name} {sentence}." in f" {listed}"
    assert f"catchlight {name}" in own.output


def test_version() -> None:
    assert run("--version").output.startswith("catchlight 0.")


def test_an_unknown_command_is_refused() -> None:
    result = run("detekt")
    assert result.exit_code == 2
    assert "detekt" in result.stderr


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (ConfigError("the seed is negative"), 2, "Error: the seed is negative"),
        (BundleError("the bundle is damaged"), 1, "Error: the bundle is damaged"),
        (KeyboardInterrupt(), 130, "Stopped."),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_errors_of_a_subcommand_become_exit_statuses(
    error: BaseException, status: int, says: str, failing: dict[str, BaseException]
) -> None:
    failing["now"] = error
    result = run("fail")
    assert result.exit_code == status
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_fault_of_ours_is_not_hidden(failing: dict[str, BaseException]) -> None:
    failing["now"] = ZeroDivisionError("a fault")
    assert isinstance(run("fail").exception, ZeroDivisionError)


def test_a_terminal_that_lacks_a_character_gets_a_question_mark() -> None:
    code = (
        "import click, sys\nfrom catchlight.serve.cli import main as m\n"
        "m.fail = click.command('fail')(lambda: sys.stdout.write('\\u25b2 fake\\n'))\n"
        "m.COMMANDS['fail'] = m.__name__ + ':fail'\nm.main(['fail'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONIOENCODING": "ascii"}, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"? fake\n", b"")
