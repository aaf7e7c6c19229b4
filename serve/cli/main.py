"""The command ``catchlight``: a group whose subcommands are loaded only when they are named.

Modules of subcommands import nothing heavy at their top: ``catchlight --help`` reads their first lines.
"""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import Any

import click

from catchlight.detector.errors import CatchlightError, ConfigError

# name -> "module:function"; a new subcommand is one line here.
COMMANDS = {
    "detect": "catchlight.serve.cli.detect:command",
    "dataset": "catchlight.serve.cli.dataset:command",
    "generate": "catchlight.serve.cli.generate:command",
    "train": "catchlight.serve.cli.train:command",
    "train-generator": "catchlight.serve.cli.train_generator:command",
    "leave-out": "catchlight.serve.cli.leave_out:command",
    "benchmark": "catchlight.serve.cli.benchmark:command",
    "cues": "catchlight.serve.cli.cues:command",
    "bench": "catchlight.serve.cli.bench:command",
    "demo": "catchlight.serve.cli.demo:command",
    "serve": "catchlight.serve.cli.serve:command",
    "worker": "catchlight.serve.cli.worker:command",
    "keys": "catchlight.serve.cli.keys:command",
}

STOPPED = 130
PIPE_CLOSED = 141


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is asked for, and turns our errors into exit statuses.

    Exit status 2 is for arguments that can't be used, 1 for what failed, 130 for Ctrl-C and 141 when the
    reader of our output went away, as the shell counts them.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all subcommands, in the order of the dict."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of this name, imported now; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands with their first sentence, wrapped where click would cut it."""
        commands = [(name, self.get_command(ctx, name)) for name in COMMANDS]
        with formatter.section("Commands"):
            formatter.write_dl([(name, c.get_short_help_str(limit=500)) for name, c in commands if c])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; errors of ours and interruptions never show a traceback."""
        _never_fail_to_print()
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise click.UsageError(str(error), ctx) from error
        except CatchlightError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt as error:
            click.echo("\nStopped.", err=True)
            raise click.exceptions.Exit(STOPPED) from error
        except BrokenPipeError as error:
            _forget_stdout()
            raise click.exceptions.Exit(PIPE_CLOSED) from error


def _never_fail_to_print() -> None:
    """A terminal without a character gets a question mark, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _forget_stdout() -> None:
    """Python flushes stdout once more at exit, and would complain about the pipe again."""
    sys.stdout = io.StringIO()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Run 'catchlight COMMAND --help' for the options of one command.",
)
@click.version_option(None, "-V", "--version", package_name="catchlight", message="catchlight %(version)s")
def main() -> None:
    """Judge whether faces in photographs and videos were forged, and say why."""
