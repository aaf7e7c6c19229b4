"""What holds resources is closed by `with`, in one way for all classes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """Something to be closed after use; `with` does it, whatever happens inside.

    Example:
        >>> class Lamp(Closing):
        ...     lit = True
        ...
        ...     def close(self) -> None:
        ...         self.lit = False
        >>> with Lamp() as lamp:
        ...     assert lamp.lit
        >>> lamp.lit
        False
    """

    __slots__ = ()

    @abstractmethod
    def close(self) -> None:
        """Release what is held; calling it twice is fine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
