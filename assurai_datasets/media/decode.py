"""Sound and video of a release row as arrays, without PyTorch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.signatures import HEAD_BYTES, describe_content, sniff

MAX_BYTES = 4 << 30
"""Larger arrays are not made."""

MediaValue = Mapping[str, Any] | bytes | str | Path
"""A media cell as `datasets` gives it without decoding (`{"bytes": ..., "path": ...}`), bytes, or a path."""


def content_of(value: MediaValue) -> tuple[bytes, FileFormat]:
    """Return the bytes of a medium and the format they show.

    Raises:
        UsageError: The value holds neither bytes nor a path.
        DataError: The file cannot be read, or its content is of no known media format.
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
        return value
    if not isinstance(value, (str, Path)):
        raise UsageError(f"a medium is given as a media cell, bytes or a path, not as {type(value).__name__}")
    try:
        return Path(value).read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {str(value)!r}: {error.strerror}") from error
    except ValueError as error:  # a NUL character in the name
        raise DataError(f"cannot read {str(value)!r}: {error}") from error
