"""Writes files of weights as PyTorch did before version 1.6, for tests: PyTorch itself is not installed."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001


@pytest.fixture(scope="session")
def torch_save() -> Callable[..., None]:
    """`torch.save` of a dictionary of arrays; see `_save`."""
    return _save


def _save(path: Path, arrays: Mapping[str, NDArray[Any]], transposed: bool = False) -> None:
    """Save arrays as `torch.save` saved a dictionary of tensors.

    Args:
        path: The file.
        arrays: float32, each becomes a storage of its own.
        transposed: Whether the numbers lie in the file with the axes in reverse order.
    """
    laid = {name: np.asfortranarray(array) if transposed else array for name, array in arrays.items()}
    modules, rebuild, storage = _torch()
    sys.modules.update(modules)
    try:
        with path.open("wb") as stream:
            for greeting in (MAGIC, VERSION, {"little_endian": True}):
                pickle.dump(greeting, stream, protocol=2)
            _Pickler(stream, storage).dump(
                {name: _Tensor(name, array, rebuild) for name, array in laid.items()}
            )
            pickle.dump(list(laid), stream, protocol=2)
            for array in laid.values():
                stream.write(np.int64(array.size).tobytes() + array.ravel(order="K").tobytes())
    finally:
        for name in modules:
            del sys.modules[name]


def _torch() -> tuple[dict[str, ModuleType], Any, type]:
    """Modules that are called as PyTorch's, so that a pickle names what they hold."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")

    def rebuild(*_: object) -> None: ...

    storage = type("FloatStorage", (), {"__module__": "torch"})
    rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.__dict__["FloatStorage"] = storage
    utils.__dict__["_rebuild_tensor_v2"] = rebuild
    return {"torch": torch, "torch._utils": utils}, rebuild, storage


class _Key:
    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size


class _Tensor:
    def __init__(self, name: str, array: NDArray[Any], rebuild: Any) -> None:
        self.name, self.array, self.rebuild = name, array, rebuild

    def __reduce__(self) -> tuple[Any, ...]:
        strides = tuple(step // self.array.itemsize for step in self.array.strides)
        key = _Key(self.name, self.array.size)
        return self.rebuild, (key, 0, self.array.shape, strides, False, {})


class _Pickler(pickle.Pickler):
    def __init__(self, stream: Any, storage: type) -> None:
        super().__init__(stream, protocol=2)
        self.storage = storage

    def persistent_id(self, obj: Any) -> Any:
        return ("storage", self.storage, obj.name, "cpu", obj.size, None) if isinstance(obj, _Key) else None
