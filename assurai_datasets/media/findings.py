"""What one look at a file found: facts, and faults with what to do about them."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from assurai_datasets.schema.codes import Code, Severity, severity_of

HINTS = {
    Code.MEDIA_ANIMATED: "deliver a still picture, or a video instance",
    Code.MEDIA_DECODER_FAILED: "export the file again with another program; a decoder must not fail on it",
    Code.MEDIA_DURATION_MISMATCH: "write the file again so that its header agrees with its content",
    Code.MEDIA_DURATION_ZERO: "deliver a file that holds sound or frames",
    Code.MEDIA_EMPTY: "deliver the file again; its content was lost",
    Code.MEDIA_EXTENSION_MISMATCH: "rename the file so that its ending tells what it holds",
    Code.MEDIA_FILE_MISSING: "deliver the file, or correct the path",
    Code.MEDIA_FORMAT_DISCOURAGED: "convert it to a format every reader knows",
    Code.MEDIA_FORMAT_UNSUPPORTED: "convert it to a supported format",
    Code.MEDIA_HEADER_MALFORMED: "write the file again with a current program",
    Code.MEDIA_METADATA_IRREMOVABLE: "remove the metadata before delivering the file",
    Code.MEDIA_METADATA_PRIVATE: "nothing: a build removes it; deliver files without it if you can",
    Code.MEDIA_MODALITY_MISMATCH: "deliver the right kind of file, or correct the modality",
    Code.MEDIA_SILENT: "listen to it; if silence is intended, keep it",
    Code.MEDIA_SINGLE_COLOUR: "look at it; if an empty picture is intended, keep it",
    Code.MEDIA_SINGLE_FRAME: "deliver a picture instead, or the whole clip",
    Code.MEDIA_STREAM_MISSING: "deliver a file that holds a stream of the modality",
    Code.MEDIA_TOO_LARGE: "deliver it smaller",
    Code.MEDIA_TRUNCATED: "deliver the file again; its end was lost",
    Code.MEDIA_UNREADABLE: "export the file again; what was delivered cannot be decoded",
}

LOCKED_HINT = "allow it to be read, and check again"


class Fault(NamedTuple):
    """One thing that is wrong with a media file: a `MediaFault`, for worker processes, which do without pydantic."""

    code: Code
    message: str
    hint: str

    @property
    def severity(self) -> Severity:
        """The severity of the code under the default policy."""
        return severity_of(self.code)


class Findings(NamedTuple):
    """Facts as fields of `MediaFile`, and faults."""

    facts: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether any fault is an error under the default policy."""
        return any(fault.severity == "error" for fault in self.faults)


def make_fault(code: Code, message: str, hint: str | None = None) -> Fault:
    """Return a fault, with the usual hint of its code unless another is given."""
    return Fault(code, message, hint or HINTS[code])


def merge_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults with one of each code, in order, and without those that another one explains or overrules."""
    found = {fault.code: fault for fault in reversed(list(faults))}
    if Code.MEDIA_TRUNCATED in found:
        found.pop(Code.MEDIA_UNREADABLE, None)
    if Code.MEDIA_METADATA_IRREMOVABLE in found:
        found.pop(Code.MEDIA_METADATA_PRIVATE, None)
    return tuple(found[code] for code in sorted(found))
