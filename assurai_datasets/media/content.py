"""The bytes of a media file, read once and never more than a limit."""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.errors import UsageError
from assurai_datasets.media.findings import LOCKED_HINT, Fault, make_fault
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.schema.codes import Code


class Content(NamedTuple):
    """What was read, or why nothing was."""

    data: bytes
    size: int
    fault: Fault | None = None


def read_content(source: Path | str | bytes, limits: MediaLimits) -> Content:
    """Return the bytes of a file; special files are not opened and larger ones not read.

    Raises:
        UsageError: The source is neither a path nor bytes.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _check(bytes(source), len(source), limits)
    if not isinstance(source, (str, Path)):
        raise UsageError(f"a media file is given as a path or as bytes, not as {type(source).__name__}")
    try:
        return _read(source, limits)
    except OSError as error:
        found = f"{error.strerror or error}"
        return Content(b"", 0, make_fault(*_code_and_hint(error, found)))
    except ValueError as error:  # a NUL character in the name
        return Content(b"", 0, make_fault(Code.MEDIA_FILE_MISSING, str(error)))


def _code_and_hint(error: OSError, found: str) -> tuple[Code, str, str | None]:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return Code.MEDIA_FILE_MISSING, found, None
    return Code.MEDIA_UNREADABLE, found, LOCKED_HINT if isinstance(error, PermissionError) else None


def _read(path: str | Path, limits: MediaLimits) -> Content:
    """Read without detours: of thousands of small files, `Path` takes longer than the reading."""
    status = os.stat(path)  # noqa: PTH116
    if not stat.S_ISREG(status.st_mode):
        return Content(b"", 0, make_fault(Code.MEDIA_UNREADABLE, "is not a regular file"))
    if status.st_size > limits.max_bytes:
        return _check(b"", status.st_size, limits)
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        data = file.read(status.st_size)
        while len(data) < status.st_size and (more := file.read(status.st_size - len(data))):
            data += more  # some file systems give fewer bytes at once than are asked for
    return _check(data, len(data), limits)


def _check(data: bytes, size: int, limits: MediaLimits) -> Content:
    if size > limits.max_bytes:
        found = f"takes {size:,} bytes, more than {limits.max_bytes:,}"
        return Content(b"", size, make_fault(Code.MEDIA_TOO_LARGE, found))
    if size == 0:
        return Content(data, 0, make_fault(Code.MEDIA_EMPTY, "the file has no content"))
    return Content(data, size)
