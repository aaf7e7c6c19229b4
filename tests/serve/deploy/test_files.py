"""The deployment's files say what the program understands: commands, options, variables, addresses, packages.

No container is built here: that needs a registry of images.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from catchlight.serve.cli.main import main

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "serve/deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
yaml = pytest.importorskip("yaml")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def parsed(words):
    """The options of a command line of ours, as click reads them; a wrong one ends the test."""
    name, *rest = words
    command = main.get_command(click.Context(main), name)
    assert command is not None, name
    return command.make_context(name, list(rest)).params


def instruction(name):
    return [
        line.partition(" ")[2].strip() for line in CONTAINERFILE.splitlines() if line.startswith(name + " ")
    ]


def settings(unit):
    found = {}
    for line in unit.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name] = value
    return found


def variables():
    """Every CATCHLIGHT_ variable that the deployment sets."""
    text = "".join(path.read_text(encoding="utf-8") for path in DEPLOY.iterdir())
    return set(re.findall(r"\b(CATCHLIGHT_[A-Z_]+)[=:]", text)) - {"CATCHLIGHT_NAME"}


def test_commands_of_the_container_are_ours():
    assert json.loads(instruction("ENTRYPOINT")[-1]) == ["catchlight"]
    assert parsed(json.loads(instruction("CMD")[-1]))["auth"] == "keys"


def test_the_container_is_not_roots_and_copies_what_there_is():
    assert instruction("USER") == ["10001:10001"]
    copied = [words.split()[:-1] for words in instruction("COPY") if "--from" not in words]
    missing = [name for names in copied for name in names if not (ROOT / name).exists()]
    assert missing == []
    assert {"detector", "datasets", "generator", "serve"} <= {name for names in copied for name in names}


def test_the_container_installs_extras_that_exist():
    extras = re.search(r'"\.\[([\w,]+)\]"', CONTAINERFILE)[1].split(",")
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    section = setup.partition("[options.extras_require]")[2].partition("\n[")[0]
    assert set(extras) <= set(re.findall(r"^(\w+) =", section, re.M))


@pytest.mark.parametrize("name", ["web", "worker"])
def test_services_of_the_compose_file(name):
    service = COMPOSE["services"][name]
    assert parsed(service["command"])
    assert service["read_only"] is True
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["environment"]["CATCHLIGHT_JOBS"].startswith("redis://redis:6379/")


def test_two_workers_and_a_redis_that_forgets_nothing():
    assert COMPOSE["services"]["worker"]["deploy"]["replicas"] == 2
    check = COMPOSE["services"]["worker"]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "catchlight"]
    assert parsed(check[2:])["check"] is True
    redis = COMPOSE["services"]["redis"]["command"]
    assert redis[1:] == ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"]


def test_grace_ends_before_the_patience_of_who_stops():
    worker = COMPOSE["services"]["worker"]
    assert parsed(worker["command"])["grace"] < int(worker["stop_grace_period"].rstrip("s"))
    for unit in UNITS:
        words = shlex.split(settings(unit)["ExecStart"])[1:]
        assert parsed(words).get("grace", 30.0) < int(settings(unit)["TimeoutStopSec"])


def test_variables_are_settings_or_options():
    config = pytest.importorskip("catchlight.serve.http.config")
    names = set(config.ServerConfig.__dataclass_fields__)
    names |= {option.name for option in main.get_command(click.Context(main), "worker").params}
    assert {name.removeprefix("CATCHLIGHT_").lower() for name in variables()} <= names


def test_the_health_check_asks_what_the_service_answers(client):
    address = re.search(r"http://127\.0\.0\.1:8000(/[\w/]+)", CONTAINERFILE)[1]
    assert client.get(address).status_code in (200, 503)


@pytest.fixture
def client(tmp_path):
    pytest.importorskip("flask_openapi")
    from catchlight.serve.http.app import create_app
    from catchlight.serve.http.config import ServerConfig

    app = create_app(ServerConfig(state=str(tmp_path)))
    yield app.test_client()
    service = app.extensions["catchlight"]
    service.spool.close()
    service.store.close()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_commands_of_ours_behind_walls(unit):
    found = settings(unit)
    program, *words = shlex.split(found["ExecStart"])
    assert program.endswith("/bin/catchlight")
    assert parsed(words)
    assert found["NoNewPrivileges"] == "yes"
    assert found["ProtectSystem"] == "strict"
    assert {"DynamicUser", "User"} & set(found)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_units_are_understood_by_systemd(unit, tmp_path):
    text = unit.read_text(encoding="utf-8").replace("/opt/catchlight/bin/catchlight", "/bin/true")
    (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True, timeout=60
    )
    assert "Unknown" not in done.stderr
    assert "Failed to parse" not in done.stderr
