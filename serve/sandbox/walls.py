"""The walls around a child: what the system is told to refuse it, from weak to strong.

- Limits of the process (every Unix): memory, processor time, size of files, open files, no core dump.
- seccomp (Linux, x86-64 and ARM64): no new socket, no new program, no tracing of others.
- Landlock (Linux 5.13 and later): the disk is read-only, and media are read from given folders alone.

All need no privileges. Each says whether it stands, and none is silently taken for granted.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from catchlight.detector.closing import Closing

# Of the system, for libraries: code, how many processors there are, and chance.
SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/proc/cpuinfo",
    "/sys/devices/system/cpu",
    "/dev/urandom",
)
NO_NEW_PRIVILEGES, DUMPABLE = 38, 4  # prctl
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # the same on all architectures
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read a file, read a folder
READ_FILE, WRITE_FILE = 1 << 2, 1 << 1
RIGHTS = {
    1: (1 << 13) - 1,
    2: (1 << 14) - 1,
}  # by version of Landlock: all that it can refuse; from 3 on, truncate too
TCP = 0b11  # from version 4 on: bind and connect
SCOPES = 0b11  # from version 6 on: abstract sockets and signals of processes outside

# audit architecture, seccomp's own number, and the calls refused: socket, socketpair, connect, bind, listen, execve,
# execveat, ptrace, process_vm_readv, process_vm_writev, mount, bpf, keyctl, userfaultfd, io_uring_setup
ARCHITECTURES = {
    "x86_64": (
        0xC000003E,
        317,
        (41, 53, 42, 49, 50, 59, 322, 101, 310, 311, 165, 321, 250, 323, 425),
    ),
    "aarch64": (
        0xC00000B7,
        277,
        (198, 199, 203, 200, 201, 221, 281, 117, 270, 271, 40, 280, 219, 282, 425),
    ),
}
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # the call returns EPERM
LOAD, JUMP_IF_EQUAL, JUMP_IF_GREATER, RETURN = 0x20, 0x15, 0x25, 0x06
X32 = 0x3FFFFFFF  # above it are the calls of another numbering of x86-64
ALL_THREADS = 1


def limit(open_files: int) -> tuple[str, ...]:
    """Set the limits that hold for the whole life of this process; returns the names of those that stand."""
    import resource

    wanted = {
        "fsize": (resource.RLIMIT_FSIZE, 0),
        "core": (resource.RLIMIT_CORE, 0),
        "nofile": (resource.RLIMIT_NOFILE, open_files),
    }
    stand = []
    for name, (kind, most) in wanted.items():
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
            stand.append(name)
    return tuple(stand)


class Memory(Closing):
    """Limits the address space; made before the disk is closed, since that is where the present size stands."""

    def __init__(self) -> None:
        self._file: IO[str] | None = None
        with suppress(OSError):
            self._file = Path("/proc/self/statm").open(encoding="ascii")  # noqa: SIM115 (`close` does)

    def limit(self, more: int) -> bool:
        """Allow this process ``more`` bytes than it has now; False where its size is unknown."""
        import resource

        if self._file is None:
            return False
        try:
            most = int(self._file.read().split()[0]) * resource.getpagesize() + more
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        except (OSError, ValueError):
            return False
        return True

    def close(self) -> None:
        """Let go of the file; calling it twice is fine."""
        if self._file is not None:
            self._file.close()


def limit_cpu(seconds: float) -> None:
    """Allow ``seconds`` of processor time from now on; then the system ends this process with SIGXCPU."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 1
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def refuse_calls() -> bool:
    """No sockets and no programs for any thread of this process, for ever; False where seccomp is not to be had."""
    facts = ARCHITECTURES.get(platform.machine())
    if not sys.platform.startswith("linux") or facts is None:
        return False
    architecture, seccomp, calls = facts
    program = b"".join(_filter(architecture, calls))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    loaded = Program(len(program) // 8, program)
    return bool(libc.syscall(seccomp, 1, ALL_THREADS, ctypes.byref(loaded)) == 0)


def _filter(architecture: int, calls: Iterable[int]) -> list[bytes]:
    """A BPF program: calls of another architecture and the listed ones are refused, all others allowed."""

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    steps = [step(LOAD, 4), step(JUMP_IF_EQUAL, architecture, 1, 0), step(RETURN, REFUSE)]
    steps += [step(LOAD, 0), step(JUMP_IF_GREATER, X32, 0, 1), step(RETURN, REFUSE)]
    for call in calls:
        steps += [step(JUMP_IF_EQUAL, call, 0, 1), step(RETURN, REFUSE)]
    return [*steps, step(RETURN, ALLOW)]


def only_read(folders: Iterable[Path]) -> bool:
    """From now on the calling thread, and those it starts, read below ``folders`` only, and write nowhere.

    Threads that were started before are not held by it, so call it first.

    Nor can they signal other processes, where Landlock knows of that. `os.devnull` stays open for writing.

    Returns:
        False where Landlock is not to be had.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    rights = RIGHTS.get(version, (1 << 15) - 1)
    words = (rights, *([TCP] if version >= 4 else []), *([SCOPES] if version >= 6 else []))
    rules = struct.pack(f"<{len(words)}Q", *words)
    handle = libc.syscall(LANDLOCK_CREATE, rules, len(rules), 0)
    if handle < 0:
        return False
    try:
        for folder in folders:
            _allow(libc, handle, folder, READ)
        _allow(libc, handle, Path(os.devnull), READ_FILE | WRITE_FILE)
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(LANDLOCK_RESTRICT, handle, 0) == 0)
    finally:
        os.close(handle)


def _allow(libc: ctypes.CDLL, handle: int, path: Path, rights: int) -> None:
    with suppress(OSError):  # what is not there needs no permission
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not path.is_dir():
                rights &= READ_FILE | WRITE_FILE | 1
            libc.syscall(LANDLOCK_ADD, handle, 1, struct.pack("<Qi", rights, place), 0)
        finally:
            os.close(place)
