"""What a child process that judges strangers' files may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from catchlight.detector.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Limits of one child; docs/jobs.md says which of them hold on which system.

    Attributes:
        memory: Bytes of address space that one file may take on top of the warm child.
        cpu_seconds: Processor time that one file may take, all threads together.
        wall_seconds: Time that one file may take before the child is killed.
        start_seconds: Time that a new child may take until it is warm.
        max_files: Files after which a child is replaced, so that no leak of a decoder adds up.
        open_files: File descriptors that the child may hold.
        folders: The only folders that it may read media from, once warm; empty for any.
        detectors: The detectors to load before the first file comes.

    Raises:
        ConfigError: A limit is not positive.
    """

    memory: int = 1536 << 20  # a photograph of 50 MP with transparency takes 1.1 GB, 1080p video .3 GB
    cpu_seconds: float = 600.0  # twice the wall time: two cores at work
    wall_seconds: float = 300.0  # as Limits.max_seconds
    start_seconds: float = 60.0  # 1 s on an idle machine
    max_files: int = 2000
    open_files: int = 64
    folders: tuple[Path, ...] = ()
    detectors: tuple[str, ...] = ("mobilenet",)  # loaded before the first file; the first is the usual one

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if isinstance(value, int | float) and not value > 0:
                raise ConfigError(f"SandboxConfig.{name} must be positive, got {value!r}.")

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the child."""
        return {**asdict(self), "folders": [str(folder.absolute()) for folder in self.folders]}


def from_json(data: dict[str, Any]) -> SandboxConfig:
    """The inverse of `SandboxConfig.to_json`.

    Example:
        >>> from_json(SandboxConfig(max_files=9).to_json()).max_files
        9
    """
    return SandboxConfig(
        **{**data, "folders": tuple(map(Path, data["folders"])), "detectors": tuple(data["detectors"])}
    )
