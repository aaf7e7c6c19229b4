"""Settings: from the environment, typed, and a slip of the pen is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.serve.http.config import ServerConfig, from_environment


def test_the_environment_sets_numbers_switches_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATCHLIGHT_MAX_BODY", "1000")
    monkeypatch.setenv("CATCHLIGHT_URL_INPUT", "true")
    monkeypatch.setenv("CATCHLIGHT_CORS_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("CATCHLIGHT_DEADLINE", "3")
    config = from_environment()
    assert (config.max_body, config.url_input, config.deadline) == (1000, True, 3.0)
    assert config.cors_origins == ("https://a.example", "https://b.example")


def test_arguments_go_before_the_environment_and_none_is_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATCHLIGHT_DETECTOR", "meso")
    assert from_environment({"detector": None}).detector == "meso"
    assert from_environment({"detector": "mobilenet"}).detector == "mobilenet"


def test_a_mistyped_variable_is_told_and_those_of_others_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CATCHLIGHT_DATA", "somewhere")
    from_environment()
    monkeypatch.setenv("CATCHLIGHT_MAX_BODDY", "1")
    with pytest.raises(UnknownName, match="CATCHLIGHT_MAX_BODY"):
        from_environment()


@pytest.mark.parametrize(
    ("name", "value"), [("queue", 0), ("max_body", -1), ("retain", -1.0), ("deadline", 0.0)]
)
def test_what_can_not_be_is_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=name):
        ServerConfig(**{name: value})


def test_a_word_for_a_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATCHLIGHT_QUEUE", "many")
    with pytest.raises(ConfigError, match="queue"):
        from_environment()


def test_places_follow_from_the_state_folder(tmp_path: Path) -> None:
    config = ServerConfig(state=str(tmp_path))
    assert config.folder == tmp_path
    assert config.jobs_url == f"sqlite:///{tmp_path}/jobs.sqlite"
    assert ServerConfig(jobs="redis://host/0").jobs_url == "redis://host/0"


def test_the_default_detector_is_listed_once_and_first() -> None:
    assert ServerConfig(detectors=("meso", "mobilenet")).names == ("mobilenet", "meso")
