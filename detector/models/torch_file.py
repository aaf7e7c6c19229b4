"""Reads the weights in a file that PyTorch saved, without PyTorch.

`torch.save` wrote one stream until version 1.6: three pickles of greetings, one of the objects, one of the names of
the storages, and then each storage as its length and its numbers. Only tensors of float32 and int64 in dictionaries
are read, by an unpickler that knows nothing else: a file from anywhere can't run code.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import ConfigError

MAGIC = 0x1950A86A20F9469CFC6C
GREETINGS = 3  # magic number, version, machine
DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


def read(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read a file of weights.

    Args:
        path: The file, ``.pth``, as `torch.save` wrote it before version 1.6 (or without its zip form after it).

    Returns:
        Name to array, float32 or int64, as they lie in the file.

    Raises:
        ConfigError: If it is no such file, is cut short, or holds anything but tensors.
    """
    try:
        with path.open("rb") as stream:
            return _read(stream)
    except Exception as error:  # a damaged pickle raises what it likes
        raise ConfigError(
            f"{path} is no file of weights by torch.save in its form before 1.6 ({error or type(error).__name__}); "
            "take the .pth of the package that docs/training.md names, unaltered"
        ) from error


def _read(stream: BinaryIO) -> dict[str, NDArray[np.generic]]:
    greetings = [_Unpickler(stream).load() for _ in range(GREETINGS)]
    if greetings[0] != MAGIC:
        raise ConfigError(f"expected the magic number {MAGIC:#x}, received {greetings[0]!r:.40}")
    reader = _Unpickler(stream)
    tensors = reader.load()
    if not isinstance(tensors, dict) or not all(isinstance(each, _Tensor) for each in tensors.values()):
        raise ConfigError("expected a dictionary of tensors")
    numbers = {key: _numbers(stream, reader.storages[key]) for key in _Unpickler(stream).load()}
    return {name: tensor.cut(numbers) for name, tensor in tensors.items()}


def _numbers(stream: BinaryIO, kind: np.dtype[Any]) -> NDArray[np.generic]:
    (count,) = np.frombuffer(stream.read(8), "<i8")
    return np.frombuffer(stream.read(int(count) * kind.itemsize), kind, int(count))


class _Tensor:
    """A window on a storage that is read later."""

    def __init__(
        self, storage: str, offset: int, size: tuple[int, ...], strides: tuple[int, ...], *_: object
    ) -> None:
        self.storage, self.offset, self.size, self.strides = storage, offset, size, strides

    def cut(self, numbers: dict[str, NDArray[np.generic]]) -> NDArray[np.generic]:
        stored = numbers[self.storage][self.offset :]
        last = sum((length - 1) * stride for length, stride in zip(self.size, self.strides, strict=True))
        if min(self.strides, default=0) < 0 or last >= len(stored):
            raise ConfigError("a tensor reaches beyond its storage")
        strides = tuple(stride * stored.itemsize for stride in self.strides)
        return np.lib.stride_tricks.as_strided(stored, self.size, strides, writeable=False)


class _Unpickler(pickle.Unpickler):
    """Knows dictionaries, tensors and their storages, and nothing that could run."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.storages: dict[str, np.dtype[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in DTYPES:
            return name
        raise ConfigError(f"it names {module}.{name}, which is neither tensor nor dictionary")

    def persistent_load(self, pid: Any) -> str:
        _, kind, key, *_ = pid
        self.storages[key] = DTYPES[kind]
        return str(key)
