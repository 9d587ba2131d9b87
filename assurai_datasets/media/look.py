"""Looking at the content of a media file, in terms light enough for a worker process."""

import hashlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from assurai_datasets.media.containers import survey
from assurai_datasets.media.content import Content
from assurai_datasets.media.file_formats import FORMATS, FileFormat
from assurai_datasets.media.findings import Fault, Findings, make_fault, merge_faults
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.media.picture import examine_picture
from assurai_datasets.media.signatures import HEAD_BYTES, brand_at, describe_content, sniff
from assurai_datasets.media.sound import examine_sound
from assurai_datasets.schema.codes import Code

if TYPE_CHECKING:
    from assurai_datasets.schema.media import MediaKind

VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".qt", ".avi"})
"""Endings that claim a video where nobody says what is expected; `.webm` and `.mkv` are in use for sound too."""


def look_at(
    content: Content, *, expected: "MediaKind | None", name: str | None, fast: bool, limits: MediaLimits
) -> Findings:
    """Return the facts and faults of what was read."""
    if content.fault is not None:
        return Findings({"bytes": content.size}, (content.fault,))
    facts: dict[str, Any] = {"bytes": content.size, "sha256": hashlib.sha256(content.data).hexdigest()}
    head = content.data[:HEAD_BYTES]
    form = sniff(content.data)
    if form is None:
        fault = make_fault(Code.MEDIA_UNREADABLE, f"the content is {describe_content(head)}", _hint_for(head))
        return Findings(facts, (fault,))
    structure = survey(content.data, form.name)
    broken = any(fault.severity == "error" for fault in structure.faults)
    endless = structure.is_endless
    findings = Findings({}) if endless else _examine(content.data, form, fast=fast or broken, limits=limits)
    facts |= {"format": form.name, **findings.facts, "private": structure.private}
    facts.setdefault("kind", expected if expected in form.kinds else form.kinds[0])
    claims = tuple(_claim_faults(form, _extensions(form, content.data), facts["kind"], expected, name))
    faults = (*claims, *structure.faults, *findings.faults, *_private_faults(structure.private))
    return Findings(_with_metadata(facts), merge_faults(faults))


def _examine(data: bytes, form: FileFormat, *, fast: bool, limits: MediaLimits) -> Findings:
    if form.support == "unsupported":
        hint = f"convert it to {form.convert}"
        return Findings({}, (make_fault(Code.MEDIA_FORMAT_UNSUPPORTED, f"{form.name} is not supported", hint),))
    try:
        return _decode(data, form, fast=fast, limits=limits)
    except MemoryError:
        return Findings(
            {}, (make_fault(Code.MEDIA_DECODER_FAILED, "decoding it failed: needed more memory than it was allowed"),)
        )


def _decode(data: bytes, form: FileFormat, *, fast: bool, limits: MediaLimits) -> Findings:
    if form.kinds == ("image",):
        return examine_picture(data, form, fast=fast, limits=limits)
    return examine_sound(data, form, fast=fast, limits=limits)


def _extensions(form: FileFormat, data: bytes) -> tuple[str, ...]:
    """Return the endings that are right: without a brand, a MOV is an MP4 as well."""
    either = form.name == "mov" and brand_at(data) is None
    return form.extensions + (FORMATS["mp4"].extensions if either else ())


def _claim_faults(
    form: FileFormat, extensions: tuple[str, ...], kind: "MediaKind", expected: "MediaKind | None", name: str | None
) -> Iterator[Fault]:
    """Yield what is wrong between what a file is, what its name says and what it was delivered as."""
    suffix = PurePath(name or "").suffix.lower()
    if expected is not None and kind != expected:
        yield make_fault(Code.MEDIA_MODALITY_MISMATCH, f"the content is {form.name}, {kind}, not {expected}")
    elif suffix and suffix not in extensions:
        hint = f"rename it to {form.extensions[0]}"
        yield make_fault(
            Code.MEDIA_EXTENSION_MISMATCH, f"the name ends in {suffix!r}, the content is {form.name}", hint
        )
    elif expected is None and kind == "audio" and suffix in VIDEO_SUFFIXES:
        message = f"the name ends in {suffix!r}, the content is {form.name} with sound only"
        yield make_fault(Code.MEDIA_EXTENSION_MISMATCH, message, "deliver the video, or rename it as the sound it is")
    if form.support == "discouraged":
        hint = f"convert it to {form.convert}"
        yield make_fault(Code.MEDIA_FORMAT_DISCOURAGED, f"few programs read {form.name}", hint)


def _with_metadata(facts: dict[str, Any]) -> dict[str, Any]:
    if facts["kind"] != "image":
        return facts
    private = facts["private"]
    invented = facts["format"] == "avif"  # Pillow makes up a block for a turned picture, and takes an empty one for one
    return {
        **facts,
        "has_xmp": "xmp" in private,
        "has_exif": (bool(facts.get("has_exif")) and not invented) or "exif" in private,
        "has_gps": bool(facts.get("has_gps")) or "gps" in private,
    }


def _private_faults(private: tuple[str, ...]) -> Iterator[Fault]:
    if private:
        yield make_fault(Code.MEDIA_METADATA_PRIVATE, f"carries private metadata: {', '.join(private)}")


def _hint_for(head: bytes) -> str | None:
    return (
        "fetch the file with `git lfs pull` and deliver that" if head.startswith(b"version https://git-lfs") else None
    )
