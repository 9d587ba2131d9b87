"""How much a media file may ask of whoever opens it."""

from dataclasses import dataclass, fields

from assurai_datasets.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """Sizes beyond which a file is refused before it is decoded, or where decoding it stops.

    Attributes:
        max_bytes: Size of a file.
        max_pixels: Pixels of one picture or frame; the default is what Pillow opens without a warning.
        max_total_pixels: Pixels of all pictures of an animation together.
        max_frames: Frames of a video or pictures of an animation.
        max_duration_s: Length of a sound or video.
        max_channels: Channels of a sound.
        max_sample_rate_hz: Sample rate of a sound.

    Raises:
        UsageError: A limit that is not positive.
    """

    max_bytes: int = 512 << 20
    max_pixels: int = 89_478_485
    max_total_pixels: int = 2_000_000_000
    max_frames: int = 1_000_000
    max_duration_s: float = 4 * 3600.0
    max_channels: int = 64
    max_sample_rate_hz: int = 768_000

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) <= 0:
                raise UsageError(f"{each.name} must be positive, not {getattr(self, each.name)!r}")


LIMITS = MediaLimits()
