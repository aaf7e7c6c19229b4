"""TOML into dataclasses: defaults stay, wrong names and types are told apart and named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from catchlight.detector.config import build, read_tables, read_toml
from catchlight.detector.errors import ConfigError, UnknownName


@dataclass(frozen=True)
class Settings:
    name: str
    size: int = 3
    rate: float = 0.5
    on: bool = False
    kind: Literal["a", "b"] = "a"
    tags: tuple[str, ...] = ()
    shares: Mapping[str, int] = field(default_factory=dict)


def make(**table):
    return build(Settings, {"name": "x", **table}, "[test]")


def test_what_is_absent_keeps_its_default():
    assert make(size=4) == Settings("x", 4)


def test_values_take_the_type_of_their_field():
    made = make(rate=2, tags=["p", "q"], shares={"k": 1}, kind="b", on=True)
    assert made == Settings("x", 3, 2.0, True, "b", ("p", "q"), {"k": 1})
    assert type(made.rate) is float


def test_unknown_setting_suggests_the_nearest():
    with pytest.raises(UnknownName, match=r"setting in \[test\] 'siz'; did you mean 'size'"):
        make(siz=4)


def test_unknown_choice_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="Valid names: a, b"):
        make(kind="c")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("size", "4"),
        ("size", 4.0),
        ("size", True),
        ("rate", "fast"),
        ("rate", False),
        ("on", 1),
        ("name", 7),
        ("tags", "tool"),
        ("tags", ["tool", 3]),
        ("shares", ["k"]),
        ("shares", {"k": "many"}),
    ],
)
def test_wrong_type_names_setting_expectation_and_value(setting, value):
    with pytest.raises(ConfigError, match=rf"\[test\] {setting}.*: expected .*, received"):
        make(**{setting: value})


def test_missing_setting_without_default_is_an_error():
    with pytest.raises(ConfigError, match="name"):
        build(Settings, {}, "[test]")


def test_only_dataclasses_can_be_built():
    with pytest.raises(ConfigError, match="no dataclass"):
        build(dict, {}, "[test]")


def test_reads_toml(tmp_path: Path):
    file = tmp_path / "run.toml"
    file.write_text("[network]\nside = 64\n", encoding="utf-8")
    assert read_toml(file) == {"network": {"side": 64}}


@pytest.mark.parametrize("content", [b"side = ", b"\xff\xfe", None])
def test_what_is_no_toml_is_an_error_that_names_the_file(content, tmp_path):
    file = tmp_path / "run.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"run\.toml can't be read"):
        read_toml(file)


def test_a_file_of_tables_becomes_their_configurations(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('[first]\nname = "x"\n[second]\nname = "y"\nsize = 5\n')
    assert read_tables(file, {"first": Settings, "second": Settings}) == {
        "first": Settings("x"),
        "second": Settings("y", 5),
    }


def test_a_table_of_another_name_is_told_with_the_valid_ones(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('[frist]\nname = "x"\n')
    with pytest.raises(ConfigError, match=r"unknown table \[frist\]; valid tables: first"):
        read_tables(file, {"first": Settings})
