"""TOML -> the frozen dataclasses that steer the code; a wrong name or type is an error that lists what is valid."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from catchlight.detector.errors import ConfigError, UnknownName

T = TypeVar("T")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: If it is missing or is not TOML; the message says where.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"configuration {path} can't be read: {error}") from error


def read_tables(path: Path, tables: Mapping[str, type[Any]]) -> dict[str, Any]:
    """Read a TOML file of tables, each of which describes one configuration.

    Args:
        path: The file.
        tables: Name of each table to the dataclass of its settings.

    Returns:
        Name of each table to the configuration; what is absent in the file keeps its defaults.

    Raises:
        ConfigError: If the file can't be read, has another table, or a value has the wrong type.
        UnknownName: If a name is none of the settings.
    """
    found = read_toml(path)
    unknown = sorted(set(found) - set(tables))
    if unknown:
        raise ConfigError(f"{path}: unknown table [{unknown[0]}]; valid tables: {', '.join(tables)}")
    return {name: build(cls, found.get(name, {}), f"{path} [{name}]") for name, cls in tables.items()}


def build(cls: type[T], table: Mapping[str, Any], where: str) -> T:
    """Make a configuration from a table.

    Args:
        cls: A dataclass.
        table: Names to values; what is absent keeps its default.
        where: What to call the table in errors.

    Raises:
        ConfigError: If a value has another type than the field, or a field without default is absent.
        UnknownName: If a name is none of the fields.

    Example:
        >>> from catchlight.detector.media import Sampling
        >>> build(Sampling, {"count": 8}, "[sampling]").count
        8
    """
    if not is_dataclass(cls):
        raise ConfigError(f"{cls.__name__} is no dataclass")
    names, hints = [field.name for field in fields(cls)], get_type_hints(cls)
    values = {}
    for name, value in table.items():
        if name not in names:
            raise UnknownName(f"setting in {where}", name, names)
        values[name] = _value(hints[name], value, f"{where} {name}")
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigError(f"{where}: {error}") from error


def _value(hint: Any, value: Any, where: str) -> Any:
    """The value in the field's type: integers serve as floats, lists as tuples."""
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if origin is Literal:
        if value not in arguments:
            raise UnknownName(where, str(value), map(str, arguments))
        return value
    if origin is tuple:
        _expect(list, value, where)
        return (
            tuple(_value(arguments[0], each, where) for each in value)
            if arguments[1:] == (...,)
            else tuple(value)
        )
    if origin in (dict, Mapping):
        _expect(dict, value, where)
        return {name: _value(arguments[1], each, f"{where}.{name}") for name, each in value.items()}
    if origin is float and type(value) is int:
        return float(value)
    if origin in (bool, int, float, str):
        _expect(origin, value, where)
    return value


def _expect(kind: type, value: Any, where: str) -> None:
    if type(value) is not kind:
        names = {list: "a list", dict: "a table", int: "a whole number", float: "a number", str: "a text"}
        raise ConfigError(f"{where}: expected {names.get(kind, 'true or false')}, received {value!r}")
