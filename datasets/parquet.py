"""Tables in Parquet, for tools that read columns; needs the extra ``generate`` (pyarrow)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catchlight.detector.errors import ConfigError, DataError

Column = Sequence[str] | Sequence[float | None]


def write_table(path: Path, columns: Mapping[str, Column], numbers: Sequence[str]) -> None:
    """Write columns of one length.

    Args:
        path: The file; it is overwritten in place, so give it a name of its own first (see `files.whole`).
        columns: Name to values.
        numbers: Names of the columns of float64, in which None is null; all others are strings.

    Raises:
        ConfigError: If pyarrow is not installed.
    """
    arrow, parquet = _pyarrow()
    arrays = {
        name: arrow.array(values, arrow.float64() if name in numbers else arrow.string())
        for name, values in columns.items()
    }
    parquet.write_table(arrow.table(arrays), path, compression="zstd")


def read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Read a table as text, as a CSV file would give it: null is empty, a number is written out exactly.

    Returns:
        The names of the columns, and one dict a row.

    Raises:
        ConfigError: If pyarrow is not installed.
        DataError: If the file is damaged or is no Parquet.
    """
    arrow, parquet = _pyarrow()
    try:
        table = parquet.ParquetFile(path).read()
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"{path}: not a Parquet file that can be read: {error}") from error
    names = [str(name) for name in table.column_names]
    return names, [{name: _text(value) for name, value in row.items()} for row in table.to_pylist()]


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ConfigError(
            f"Parquet needs pyarrow, which can't be loaded ({error}); install it with "
            "`pip install 'catchlight[generate]'`, or use a manifest in CSV"
        ) from error
    return pyarrow, pyarrow.parquet
