"""Looking at a media file: what it is, what it holds, and what is wrong with it."""

from pathlib import Path, PurePath

from assurai_datasets.errors import UsageError
from assurai_datasets.media.content import read_content
from assurai_datasets.media.findings import Findings
from assurai_datasets.media.limits import LIMITS, MediaLimits
from assurai_datasets.media.look import look_at
from assurai_datasets.schema.media import MediaFault, MediaFile, MediaKind


def probe_media(
    source: Path | str | bytes,
    *,
    expected: MediaKind | None = None,
    name: str | None = None,
    fast: bool = False,
    limits: MediaLimits = LIMITS,
) -> MediaFile:
    """Return the facts and faults of a media file; bad data is never an exception.

    The type is told from the content. Hostile data may still crash or stall a decoder; `prepare_in_workers` bounds
    that.

    Args:
        source: A path, or the bytes of a file.
        expected: The modality it is delivered as; another kind is a fault.
        name: The name whose ending is held against the content; the default is that of the path.
        fast: Read headers only; the default decodes every frame and sample.
        limits: Sizes beyond which a file is refused.

    Raises:
        UsageError: The source is neither a path nor bytes, or `expected` is no kind of media.
    """
    if expected not in (None, "image", "video", "audio"):
        raise UsageError(f"expected must be 'image', 'video', 'audio' or None, not {expected!r}")
    content = read_content(source, limits)
    if name is None and isinstance(source, (str, Path)):
        name = PurePath(source).name
    return to_media_file(look_at(content, expected=expected, name=name, fast=fast, limits=limits))


def to_media_file(findings: Findings) -> MediaFile:
    """Return findings as the model the other rooms know."""
    faults = tuple(MediaFault(code=fault.code, message=fault.message, hint=fault.hint) for fault in findings.faults)
    return MediaFile(**findings.facts, faults=faults)
