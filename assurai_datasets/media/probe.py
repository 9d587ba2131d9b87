"""Looking at a media file: what it is, what it holds, and what is wrong with it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from assurai_datasets.errors import UsageError
from assurai_datasets.media.clip import examine_streams
from assurai_datasets.media.containers import survey
from assurai_datasets.media.content import Content, read_content
from assurai_datasets.media.file_formats import FORMATS, FileFormat
from assurai_datasets.media.findings import Findings, make_fault, merge_faults
from assurai_datasets.media.limits import LIMITS, MediaLimits
from assurai_datasets.media.picture import examine_picture
from assurai_datasets.media.sniff import HEAD_BYTES, describe_content, sniff
from assurai_datasets.media.sound import SOUNDFILE_FORMATS, examine_sound
from assurai_datasets.schema.codes import Code
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

    The type is told from the content. Hostile data may still crash or stall a decoder: `probe_in_workers` bounds that.

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
    return probe_content(content, expected=expected, name=name, fast=fast, limits=limits)


def probe_content(
    content: Content, *, expected: MediaKind | None, name: str | None, fast: bool, limits: MediaLimits
) -> MediaFile:
    """Return the facts and faults of what was read."""
    if content.fault is not None:
        return MediaFile(bytes=content.size, faults=(content.fault,))
    facts: dict[str, Any] = {"bytes": content.size, "sha256": hashlib.sha256(content.data).hexdigest()}
    head = content.data[:HEAD_BYTES]
    form = sniff(head)
    if form is None:
        fault = make_fault(Code.MEDIA_UNREADABLE, f"the content is {describe_content(head)}", _hint_for(head))
        return MediaFile(**facts, faults=(fault,))
    structure = survey(content.data, form.name)
    broken = any(fault.severity == "error" for fault in structure.faults)
    findings = _examine(content.data, form, fast=fast or broken, limits=limits)
    facts |= {"format": form.name, **findings.facts, "private": structure.private}
    facts.setdefault("kind", expected if expected in form.kinds else form.kinds[0])
    claims = tuple(_claim_faults(form, facts["kind"], expected, name))
    faults = (*claims, *structure.faults, *findings.faults, *_private_faults(structure.private))
    return MediaFile(**_with_metadata(facts), faults=merge_faults(faults))


def _examine(data: bytes, form: FileFormat, *, fast: bool, limits: MediaLimits) -> Findings:
    if form.support == "unsupported":
        hint = f"convert it to {form.convert}"
        return Findings({}, (make_fault(Code.MEDIA_FORMAT_UNSUPPORTED, f"{form.name} is not supported", hint),))
    if form.kinds == ("image",):
        return examine_picture(data, form, fast=fast, limits=limits)
    if form.name in SOUNDFILE_FORMATS and not (form.name == "ogg" and b"\x80theora" in data[:HEAD_BYTES]):
        return examine_sound(data, form, fast=fast, limits=limits)
    return examine_streams(data, form, fast=fast, limits=limits)


def _claim_faults(
    form: FileFormat, kind: MediaKind, expected: MediaKind | None, name: str | None
) -> Iterator[MediaFault]:
    """Yield what is wrong between what a file is, what its name says and what it was delivered as."""
    suffix = PurePath(name or "").suffix.lower()
    if expected is not None and kind != expected:
        yield make_fault(Code.MEDIA_MODALITY_MISMATCH, f"the content is {form.name}, {kind}, not {expected}")
    elif suffix and suffix not in form.extensions:
        hint = f"rename it to {form.extensions[0]}"
        yield make_fault(
            Code.MEDIA_EXTENSION_MISMATCH, f"the name ends in {suffix!r}, the content is {form.name}", hint
        )
    if form.support == "discouraged":
        hint = f"convert it to {form.convert}"
        yield make_fault(Code.MEDIA_FORMAT_DISCOURAGED, f"few programs read {form.name}", hint)


def _with_metadata(facts: dict[str, Any]) -> dict[str, Any]:
    if facts["kind"] != "image":
        return facts
    private = facts["private"]
    return {
        **facts,
        "has_xmp": "xmp" in private,
        "has_exif": bool(facts.get("has_exif")) or "exif" in private,
        "has_gps": bool(facts.get("has_gps")) or "gps" in private,
    }


def _private_faults(private: tuple[str, ...]) -> Iterator[MediaFault]:
    if private:
        yield make_fault(Code.MEDIA_METADATA_PRIVATE, f"carries private metadata: {', '.join(private)}")


def _hint_for(head: bytes) -> str | None:
    return (
        "fetch the file with `git lfs pull` and deliver that" if head.startswith(b"version https://git-lfs") else None
    )


SUPPORTED = tuple(sorted(form.name for form in FORMATS.values() if form.support == "supported"))
"""The formats that are taken without a remark."""
