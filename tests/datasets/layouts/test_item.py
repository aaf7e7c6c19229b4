"""What layouts yield."""

from pathlib import Path

import pytest

from catchlight.datasets.layouts.item import Item


def test_an_item_says_nothing_that_it_does_not_know():
    item = Item(Path("a.jpg"), None, "real")
    assert (item.method, item.source, item.identity, item.clip) == ("", "", "", "")
    with pytest.raises(AttributeError):
        item.label = "fake"
