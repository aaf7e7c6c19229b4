import pytest

from catchlight.detector.errors import ConfigError, StoreError, UnknownName
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.records import Rules


def test_rules_and_folder_follow_the_address(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/a/jobs.sqlite?attempts=5&keep=60&media={tmp_path}/m") as store:
        assert store.rules == Rules(attempts=5, keep=60.0)
        assert store.folder == tmp_path / "m/files"


def test_relative_paths_are_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///jobs.sqlite") as store:
        assert store.folder == tmp_path / "jobs.sqlite-media/files"


@pytest.mark.parametrize(
    ("url", "error", "match"),
    [
        ("postgres://host/db", UnknownName, "redis, rediss, sqlite"),
        ("jobs.sqlite", UnknownName, "sqlite"),
        ("sqlite://jobs.sqlite", ConfigError, "sqlite:///file"),
        ("sqlite:///", ConfigError, "sqlite:///file"),
        ("redis://host/0", ConfigError, "media=/path"),
        ("sqlite:///a?keeps=3", UnknownName, "did you mean 'keep'"),
        ("sqlite:///a?keep=long", ConfigError, "keep: expected a number"),
        ("sqlite:///a?attempts=0", ConfigError, "positive"),
    ],
)
def test_addresses_that_can_not_be_used(tmp_path, monkeypatch, url, error, match):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=match):
        open_store(url)
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path, monkeypatch):
    pytest.importorskip("redis")
    from catchlight.serve.jobs import redis_table

    monkeypatch.setattr(redis_table, "RETRIES", 0)
    with pytest.raises(StoreError, match="Redis at 127.0.0.1:9/0") as refused:
        open_store(f"redis://:hunter2@127.0.0.1:9/0?media={tmp_path}")
    assert "hunter2" not in str(refused.value)
