"""Instruments for pictures, sound and video: sniff, probe, clean, decode, compare."""

from assurai_datasets.media.decode_audio import Sound, decode_audio
from assurai_datasets.media.decode_video import Frames, decode_video
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.media.near_duplicates import NearPair, cluster_pairs, find_near_duplicates
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
    "Frames",
    "MediaLimits",
    "MediaTask",
    "NearPair",
    "PreparedMedia",
    "Sound",
    "clean_media",
    "cluster_pairs",
    "decode_audio",
    "decode_video",
    "find_near_duplicates",
    "prepare_in_workers",
    "prepare_media",
    "probe_media",
    "sniff",
]
