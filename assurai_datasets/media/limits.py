"""How much a media file may ask of whoever opens it."""

from pydantic import Field

from assurai_datasets.schema.record import Record


class MediaLimits(Record):
    """Sizes beyond which a file is refused before it is decoded, or where decoding it stops."""

    max_bytes: int = Field(default=512 << 20, gt=0, description="Size of a file.")
    max_pixels: int = Field(
        default=89_478_485,
        gt=0,
        description="Pixels of one picture or frame; the default is what Pillow opens without a warning.",
    )
    max_total_pixels: int = Field(
        default=4_000_000_000, gt=0, description="Pixels of all pictures of an animation together."
    )
    max_frames: int = Field(default=1_000_000, gt=0, description="Frames of a video or pictures of an animation.")
    max_duration_s: float = Field(default=4 * 3600.0, gt=0, description="Length of a sound or video.")
    max_channels: int = Field(default=64, gt=0, description="Channels of a sound.")
    max_sample_rate_hz: int = Field(default=768_000, gt=0, description="Sample rate of a sound.")


LIMITS = MediaLimits()
