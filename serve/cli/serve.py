"""``catchlight serve``: the whole service on one machine."""

from __future__ import annotations

import click

LOCAL = ("127.", "localhost", "[::1]", "unix:")


@click.command("serve")
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    show_default=True,
    envvar="CATCHLIGHT_BIND",
    help="Address and port, or unix:path.",
)
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Web processes.")
@click.option("--threads", type=click.IntRange(2), default=32, show_default=True, help="Threads of each.")
@click.option(
    "--workers", type=click.IntRange(0), default=1, show_default=True, help="Job workers on this machine."
)
@click.option("--detector", metavar="NAME", help="Which detector judges; by default mobilenet.")
@click.option(
    "--state", metavar="FOLDER", help="Where jobs and API keys lie; by default the user's state folder."
)
@click.option(
    "--jobs", metavar="URL", help="Store of jobs: sqlite:///path, or redis://host/0 for several machines."
)
@click.option(
    "--auth", type=click.Choice(["off", "keys"]), help="Whether API keys are asked for; by default off."
)
@click.option(
    "--open", "is_open", is_flag=True, help="Listen beyond this machine although no keys are asked for."
)
def command(
    bind: str,
    processes: int,
    threads: int,
    workers: int,
    detector: str | None,
    state: str | None,
    jobs: str | None,
    auth: str | None,
    is_open: bool,
) -> None:
    """Serve the HTTP API and the page, and judge jobs, until stopped.

    Every other setting is a variable of the environment, such as CATCHLIGHT_MAX_BODY; docs/http.md lists them.
    """
    from catchlight.serve.http.config import ServerConfig, from_environment

    given = {"detector": detector, "state": state, "jobs": jobs, "auth": auth}
    config = from_environment(given)
    if config.auth == "off" and not is_open and not bind.startswith(LOCAL):
        raise click.BadParameter(
            f"{bind} can be reached from other machines, and nobody would need a key. Use --auth keys (make one with "
            "'catchlight keys create'), or say --open.",
            param_hint="--bind",
        )
    _check_detectors(tuple(name for name in config.names if name != ServerConfig().detector))
    from catchlight.serve.http.server import RunConfig, run

    run(config, RunConfig(bind=bind, processes=processes, threads=threads, workers=workers))


def _check_detectors(names: tuple[str, ...]) -> None:
    """A mistyped name ends the command now, and not the engine later."""
    if not names:
        return
    from pathlib import Path

    from catchlight.detector import registry
    from catchlight.detector.errors import UnknownName

    for name in names:
        if name not in registry.names() and ":" not in name and not Path(name).is_dir():
            raise UnknownName("detector", name, registry.names())
