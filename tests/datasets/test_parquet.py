"""Tables come back as text; what is no Parquet, and a missing pyarrow, are named."""

import sys

import pytest

from catchlight.datasets import parquet
from catchlight.detector.errors import ConfigError, DataError


def test_what_is_written_is_read_as_text(tmp_path):
    file = tmp_path / "t.parquet"
    parquet.write_table(file, {"name": ['a,\n"b"', "Zoë"], "size": [0.1 + 0.2, None]}, ("size",))
    names, rows = parquet.read_rows(file)
    assert names == ["name", "size"]
    assert rows == [
        {"name": 'a,\n"b"', "size": "0.30000000000000004"},
        {"name": "Zoë", "size": ""},
    ]


def test_others_read_the_columns_with_their_types(tmp_path):
    import pyarrow.parquet

    parquet.write_table(tmp_path / "t.parquet", {"name": ["a"], "size": [1.5]}, ("size",))
    table = pyarrow.parquet.read_table(tmp_path / "t.parquet")
    assert [str(field.type) for field in table.schema] == ["string", "double"]


@pytest.mark.parametrize("content", [b"", b"path,label\n", b"PAR1 cut off"])
def test_what_is_no_parquet_is_refused(content, tmp_path):
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"t\.parquet: not a Parquet file"):
        parquet.read_rows(tmp_path / "t.parquet")


def test_without_pyarrow_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as if it were not installed
    with pytest.raises(ConfigError, match=r"pip install 'catchlight\[generate\]'"):
        parquet.write_table(tmp_path / "t.parquet", {}, ())
