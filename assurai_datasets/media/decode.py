"""Sound and video of a release row as arrays, without PyTorch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assurai_datasets.errors import DataError, LimitError, UsageError
from assurai_datasets.media.content import read_content
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.limits import LIMITS
from assurai_datasets.media.signatures import HEAD_BYTES, describe_content, sniff
from assurai_datasets.schema.codes import Code

MAX_BYTES = 4 << 30
"""Larger arrays are not made."""

MediaValue = Mapping[str, Any] | bytes | str | Path
"""A media cell as `datasets` gives it without decoding (`{"bytes": ..., "path": ...}`), bytes, or a path."""


def content_of(value: MediaValue) -> tuple[bytes, FileFormat]:
    """Return the bytes of a medium and the format they show.

    Raises:
        UsageError: The value holds neither bytes nor a path.
        DataError: The file cannot be read or is no regular one, is empty, or its content is of no known media format.
        LimitError: The file is larger than the probe takes.
    """
    content = _bytes_of(value)
    form = sniff(content)
    if form is None:
        raise DataError(f"cannot decode content that is {describe_content(content[:HEAD_BYTES])}")
    return content, form


def _bytes_of(value: MediaValue) -> bytes:
    if isinstance(value, Mapping):
        inner = value.get("bytes") if value.get("bytes") is not None else value.get("path")
        if not isinstance(inner, (bytes, str, Path)):
            raise UsageError(f"a media cell needs 'bytes' or 'path'; this one has {sorted(value)} and neither is set")
        return _bytes_of(inner)
    if isinstance(value, bytes):
        if not value:
            raise DataError("cannot decode a medium that is empty: it has no content")
        return value
    if not isinstance(value, (str, Path)):
        raise UsageError(f"a medium is given as a media cell, bytes or a path, not as {type(value).__name__}")
    return _read(value)


def _read(path: str | Path) -> bytes:
    """Return the bytes of a regular file within the limits of the probe; no other kind of file is opened."""
    content = read_content(path, LIMITS)
    if content.fault is None:
        return content.data
    found = f"cannot read {str(path)!r}: {content.fault.message}"
    if content.fault.code == Code.MEDIA_TOO_LARGE:
        raise LimitError(f"{found}; cut it into parts, or give its bytes")
    raise DataError(found)


def describe_error(error: Exception) -> str:
    """Return what a decoder raised as the end of a sentence."""
    if isinstance(error, EOFError):
        return "it ends before anything that can be decoded"
    return getattr(error, "strerror", None) or str(error)
