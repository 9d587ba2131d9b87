"""Instruments for pictures, sound and video: sniff, probe, clean, decode, compare."""

from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.media.prepare import (
    CleanedMedia,
    MediaTask,
    PreparedMedia,
    clean_media,
    prepare_in_workers,
    prepare_media,
)
from assurai_datasets.media.probe import probe_media
from assurai_datasets.media.sniff import sniff

__all__ = [
    "CleanedMedia",
    "MediaLimits",
    "MediaTask",
    "PreparedMedia",
    "clean_media",
    "prepare_in_workers",
    "prepare_media",
    "probe_media",
    "sniff",
]
