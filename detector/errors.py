"""Every error that catchlight raises on purpose.

    CatchlightError
    ├── ConfigError            a setting, recipe or argument is wrong
    │   └── UnknownName        a name that no registry knows; carries the valid ones
    ├── MediaError             a file can't be judged; `code` is stable for machines
    │   ├── MediaNotFound      no such file, or not a regular file
    │   ├── NotMedia           neither an image nor a video that can be read
    │   ├── CorruptMedia       known format, but nothing of it can be decoded
    │   ├── EmptyMedia         readable, but without a picture (audio only, zero frames, zero bytes)
    │   ├── MediaTooLarge      over a limit, read from the header before decoding
    │   │   └── MediaTooLong   longer than is judged while someone waits
    │   ├── MediaTookTooLong   judging it took more time than the service grants
    │   │   └── MediaStuck     not even its first picture was there in time
    │   └── DecoderCrashed     judging it ended the process that did it
    ├── BundleError            a trained detector on disk is missing, damaged or of another version
    ├── DataError              a data set, manifest or store breaks a rule
    ├── TrainingError          training can't go on (NaN, too little data, a checkpoint of another run)
    ├── ContractError          a plug-in breaks its public contract
    └── ServiceError           the service can't do what was asked of it
        ├── Overloaded         too much waits already; come again later
        ├── RequestTooSlow     a client sends its request byte by byte, or not at all
        ├── StoreError         the store of jobs can't be reached, read or written
        ├── JobNotFound        no such job, or another owner's
        ├── JobConflict        an idempotency key was used for something else
        └── LeaseLost          the job was cancelled, or another worker has taken it over

Each message says what is wrong, what was expected, what was received and what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CatchlightError(Exception):
    """Base of all errors of catchlight; ``except CatchlightError`` catches nothing else."""

    code = "error"


class ConfigError(CatchlightError):
    """A setting, recipe or argument is wrong."""

    code = "bad_config"


class UnknownName(ConfigError):
    """A name that no registry knows; the message lists the valid ones and the nearest.

    Example:
        >>> str(UnknownName("detector", "mobilnet", ["meso", "mobilenet"]))
        "unknown detector 'mobilnet'; did you mean 'mobilenet'? Valid names: meso, mobilenet"
    """

    code = "unknown_name"

    def __init__(self, what: str, name: str, valid: Iterable[str]) -> None:
        self.what, self.name, self.valid = what, name, tuple(sorted(valid))
        near = difflib.get_close_matches(name, self.valid, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        super().__init__(f"unknown {what} {name!r}{hint} Valid names: {', '.join(self.valid) or '(none)'}")


class MediaError(CatchlightError):
    """A file can't be judged."""

    code = "bad_media"


class MediaNotFound(MediaError):
    """No such file, or not a regular file."""

    code = "not_found"


class NotMedia(MediaError):
    """Neither an image nor a video that can be read."""

    code = "not_media"


class CorruptMedia(MediaError):
    """A known format, but nothing of it can be decoded."""

    code = "corrupt_media"


class EmptyMedia(MediaError):
    """Readable, but without a single picture."""

    code = "empty_media"


class MediaTooLarge(MediaError):
    """Over a limit that was read from the header, before decoding."""

    code = "too_large"


class MediaTooLong(MediaTooLarge):
    """Longer than is judged while someone waits; as a job it can be."""

    code = "too_long"


class MediaTookTooLong(MediaError):
    """Judging it took more time than the service grants."""

    code = "took_too_long"


class MediaStuck(MediaTookTooLong):
    """Not even its first picture was there in time; more time would hardly help."""


class DecoderCrashed(MediaError):
    """Judging it ended the process that did it; the service itself goes on."""

    code = "decoder_crashed"


class BundleError(CatchlightError):
    """A trained detector on disk is missing, damaged or of another version."""

    code = "bad_bundle"


class DataError(CatchlightError):
    """A data set, manifest or store breaks a rule."""

    code = "bad_data"


class TrainingError(CatchlightError):
    """Training can't go on."""

    code = "training_failed"


class ContractError(CatchlightError):
    """A plug-in breaks its public contract."""

    code = "broken_contract"


class ServiceError(CatchlightError):
    """The service can't do what was asked of it."""

    code = "service_error"


class Overloaded(ServiceError):
    """Too much waits already; ``retry_after`` says in how many seconds to come again."""

    code = "overloaded"

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class RequestTooSlow(ServiceError):
    """A client sends its request byte by byte, or not at all."""

    code = "body_too_slow"


class StoreError(ServiceError):
    """The store of jobs can't be reached, read or written."""

    code = "store_unavailable"


class JobNotFound(ServiceError):
    """No such job, or it is another owner's."""

    code = "job_not_found"


class JobConflict(ServiceError):
    """An idempotency key was used for something else."""

    code = "job_conflict"


class LeaseLost(ServiceError):
    """The job was cancelled, or another worker has taken it over."""

    code = "lease_lost"
