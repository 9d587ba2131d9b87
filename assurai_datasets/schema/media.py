"""What is known about one media file: facts read from its content, and what is wrong with it."""

from typing import Literal

from pydantic import Field

from assurai_datasets.schema.codes import Code, Severity, severity_of
from assurai_datasets.schema.record import Record, Sha256

MediaKind = Literal["image", "video", "audio"]


class MediaFault(Record):
    """One thing that is wrong with a media file."""

    code: Code
    message: str = Field(description="What was found.")
    hint: str = Field(description="What to do about it.")

    @property
    def severity(self) -> Severity:
        """The severity of the code under the default policy."""
        return severity_of(self.code)


class MediaFile(Record):
    """Facts about a media file, read from its content and never from its name; None where a fact does not apply.

    With `fast`, what only decoding can tell is None or empty too: peak, silence, clipping, hashes, and the counts that
    a container does not declare.
    """

    bytes: int = Field(ge=0, description="Size of the file.")
    sha256: Sha256 | None = Field(default=None, description="Digest of the file; None where it could not be read.")
    kind: MediaKind | None = Field(default=None, description="What it is; None where that could not be told.")
    format: str | None = Field(
        default=None, description="File format or container, in lower case: `jpeg`, `wav`, `mp4`."
    )
    decoded: bool = Field(default=False, description="Whether every frame and sample was decoded without a fault.")

    width_px: int | None = Field(default=None, description="Width as stored, before rotation.")
    height_px: int | None = Field(default=None, description="Height as stored, before rotation.")
    frames: int | None = Field(
        default=None, description="Pictures of an animation, or frames of a video; 1 for a still."
    )
    mode: str | None = Field(
        default=None, description="Colour mode of a picture in Pillow's words: `RGB`, `L`, `P`, `CMYK`."
    )
    orientation: int | None = Field(
        default=None, ge=1, le=8, description="EXIF orientation of a picture, where it has one."
    )
    has_icc: bool | None = Field(default=None, description="Whether a picture carries a colour profile.")
    has_exif: bool | None = None
    has_xmp: bool | None = None
    has_gps: bool | None = Field(default=None, description="Whether a picture's EXIF holds a position.")
    is_single_colour: bool | None = Field(default=None, description="Whether every pixel of a picture is the same.")

    codec: str | None = Field(default=None, description="Codec of the first sound or video stream.")
    duration_s: float | None = Field(default=None, description="Length: decoded, or as declared with `fast`.")
    declared_duration_s: float | None = Field(default=None, description="Length the header declares.")
    sample_rate_hz: int | None = None
    channels: int | None = None
    samples: int | None = Field(default=None, description="Samples a channel.")
    peak: float | None = Field(default=None, description="Largest absolute sample; 1.0 is full scale.")
    is_silent: bool | None = Field(default=None, description="Whether the peak stays below -60 dB.")
    is_clipped: bool | None = Field(default=None, description="Whether runs of samples stand at full scale.")
    frame_rate_hz: float | None = Field(default=None, description="Mean frame rate of a video.")
    is_variable_rate: bool | None = Field(default=None, description="Whether the time between frames varies.")
    rotation_deg: int | None = Field(
        default=None, description="Counter-clockwise turn that shows a video upright; None where it is mirrored."
    )
    audio_streams: int | None = Field(default=None, description="Sound streams of a video.")

    private: tuple[str, ...] = Field(
        default=(), description="Private metadata it carries, by name: `exif`, `gps`, `id3`."
    )
    hashes: tuple[str, ...] = Field(
        default=(), description="Perceptual hashes, hexadecimal: one a picture, several a video."
    )
    sample_hash: str | None = Field(
        default=None, description="Digest of the decoded sound: the same in any lossless format."
    )
    faults: tuple[MediaFault, ...] = ()

    @property
    def container(self) -> str | None:
        """The container of a sound or video; None for a picture."""
        return None if self.kind == "image" else self.format

    @property
    def is_refused(self) -> bool:
        """Whether any fault is an error under the default policy."""
        return any(fault.severity == "error" for fault in self.faults)
