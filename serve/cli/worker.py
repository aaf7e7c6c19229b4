"""``catchlight worker``: judge the jobs that wait, on this machine or for another."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from catchlight.serve.jobs.store import Store
    from catchlight.serve.jobs.worker import WorkerConfig
    from catchlight.serve.sandbox.config import SandboxConfig


@click.command("worker", context_settings={"auto_envvar_prefix": "CATCHLIGHT"})
@click.option(
    "--jobs",
    metavar="URL",
    help="Store of jobs: sqlite:///path, or redis://host/0?media=/shared/folder; by default that of catchlight serve.",
)
@click.option(
    "--detector",
    default="mobilenet",
    show_default=True,
    metavar="NAME",
    help="The detector to load at the start.",
)
@click.option(
    "--detectors", default="", metavar="NAMES", help="Others that jobs may name, with commas between."
)
@click.option(
    "--slots",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Jobs judged at once, each in a sandbox.",
)
@click.option(
    "--memory",
    type=click.IntRange(128),
    default=1536,
    show_default=True,
    metavar="MB",
    help="Most that one file may take.",
)
@click.option(
    "--seconds", type=click.FloatRange(1), default=1800, show_default=True, help="Most that one job may take."
)
@click.option(
    "--lease",
    type=click.FloatRange(1),
    default=30,
    show_default=True,
    help="Seconds after which a dead worker's job is taken over.",
)
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=20,
    show_default=True,
    help="Seconds that jobs get to end when stopped.",
)
@click.option("--private-webhooks", is_flag=True, help="Call webhooks at private addresses, too.")
@click.option(
    "--check",
    is_flag=True,
    allow_from_autoenv=False,
    help="Only tell whether the store can be reached, and how many jobs it has.",
)
@click.option(
    "--webhook-secret",
    metavar="OWNER",
    allow_from_autoenv=False,
    help="Only print the key that signs this owner's webhooks.",
)
def command(
    jobs: str | None,
    detector: str,
    detectors: str,
    slots: int,
    memory: int,
    seconds: float,
    lease: float,
    grace: float,
    private_webhooks: bool,
    check: bool,
    webhook_secret: str | None,
) -> None:
    """Judge jobs until stopped.

    As many workers as you like may share a store. One that is killed loses nothing: its job is taken over when the
    lease has run out. SIGTERM and Ctrl-C let running jobs end, and give back what takes longer than the grace. Each
    option can also be set in the environment, such as CATCHLIGHT_JOBS for --jobs; docs/jobs.md tells the rest.
    """
    from catchlight.serve.jobs.courier import Courier, CourierConfig
    from catchlight.serve.jobs.open import open_store
    from catchlight.serve.jobs.worker import WorkerConfig
    from catchlight.serve.sandbox.config import SandboxConfig

    with open_store(jobs or _usual()) as store:
        if check:
            click.echo(", ".join(f"{count} {state}" for state, count in store.counts().items()))
            return
        if webhook_secret is not None:
            click.echo(store.webhook_secret(webhook_secret))
            return
        sandbox = SandboxConfig(
            memory=memory << 20,
            wall_seconds=seconds,
            cpu_seconds=2 * seconds,
            folders=(store.folder,),
            detectors=(detector, *filter(None, map(str.strip, detectors.split(",")))),
        )
        config = WorkerConfig(seconds=seconds, lease=lease, grace=grace)
        courier = Courier(store, CourierConfig(private=private_webhooks))
        crew = [_slot(store, sandbox, config) for _ in range(slots)]
        _work([*crew, courier.run])


def _usual() -> str:
    from catchlight.serve.http.config import from_environment

    return from_environment().jobs_url


def _slot(store: Store, sandbox: SandboxConfig, config: WorkerConfig) -> Callable[[threading.Event], None]:
    from catchlight.serve.jobs.worker import Worker
    from catchlight.serve.sandbox.scorer import Scorer

    def run(stop: threading.Event) -> None:
        with Scorer(sandbox) as scorer:
            Worker(store, scorer, config).run(stop)

    return run


def _work(crew: list[Callable[[threading.Event], None]]) -> None:
    """Run all in threads until a signal comes, or one of them fails."""
    import logging
    import signal
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    from catchlight.serve.http.lines import Lines

    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ThreadPoolExecutor(len(crew)) as threads:
        running = [threads.submit(run, stop) for run in crew]
        done, _ = wait(running, return_when=FIRST_EXCEPTION)
        stop.set()
    for each in done:
        each.result()
