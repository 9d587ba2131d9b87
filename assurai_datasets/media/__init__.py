"""Instruments for pictures, sound and video: sniff, probe, clean, decode, compare.

Doors load when they are first used: a worker process needs decoders and no more.
"""

from typing import TYPE_CHECKING

from assurai_datasets.doors import open_doors

if TYPE_CHECKING:
    from assurai_datasets.media.limits import MediaLimits
    from assurai_datasets.media.near_duplicates import NearPair, cluster_pairs, find_near_duplicates
    from assurai_datasets.media.prepare import (
        CleanedMedia,
        PreparedMedia,
        clean_media,
        prepare_in_workers,
        prepare_media,
    )
    from assurai_datasets.media.probe import probe_media
    from assurai_datasets.media.signatures import sniff
    from assurai_datasets.media.sound_arrays import Sound, decode_audio
    from assurai_datasets.media.tasks import MediaTask
    from assurai_datasets.media.video_frames import Frames, decode_video

_HOMES = {
    "CleanedMedia": "prepare",
    "Frames": "video_frames",
    "MediaLimits": "limits",
    "MediaTask": "tasks",
    "NearPair": "near_duplicates",
    "PreparedMedia": "prepare",
    "Sound": "sound_arrays",
    "clean_media": "prepare",
    "cluster_pairs": "near_duplicates",
    "decode_audio": "sound_arrays",
    "decode_video": "video_frames",
    "find_near_duplicates": "near_duplicates",
    "prepare_in_workers": "prepare",
    "prepare_media": "prepare",
    "probe_media": "probe",
    "sniff": "signatures",
}
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

__getattr__ = open_doors(__name__, _HOMES)
