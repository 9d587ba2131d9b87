"""Run in an environment that has torchcodec: says how our decoding of each file of a folder differs from its own.

`python compare_with_torchcodec.py FOLDER` prints a JSON object of facts by file name.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from torchcodec.decoders import AudioDecoder, VideoDecoder

from assurai_datasets.media import decode_audio, decode_video

RESAMPLED_HZ = 16_000
EVERY_S = 0.4
TICK_S = 1e-6


def difference(ours: Any, theirs: Any) -> float | None:
    if ours.shape != theirs.shape:
        return None
    return 0.0 if np.array_equal(ours, theirs) else float(np.abs(ours.astype(np.float32) - theirs).max())


def compare_sound(content: bytes) -> dict[str, Any]:
    ours, theirs = decode_audio(content), AudioDecoder(content).get_all_samples()
    facts = {
        "shapes": [ours.samples.shape, tuple(theirs.data.T.shape)],
        "rates_hz": [ours.sample_rate_hz, theirs.sample_rate],
        "difference": difference(ours.samples, theirs.data.numpy().T),
    }
    return facts | (compare_resampled(content) if ours.sample_rate_hz != RESAMPLED_HZ else {})


def compare_resampled(content: bytes) -> dict[str, Any]:
    theirs = AudioDecoder(content, sample_rate=RESAMPLED_HZ).get_all_samples().data.numpy().T
    if not len(theirs):  # it gives nothing of sounds shorter than its filter
        return {}
    ours = decode_audio(content, sample_rate_hz=RESAMPLED_HZ).samples
    common = min(len(ours), len(theirs))
    return {
        "lengths_resampled": [len(ours), len(theirs)],
        "difference_resampled": difference(ours[:common], theirs[:common]),
    }


def compare_video(content: bytes) -> dict[str, Any]:
    decoder = VideoDecoder(content, dimension_order="NHWC", seek_mode="exact")
    frames, times_s = decode_video(content)
    differences, theirs_s = [], []
    for index, frame in enumerate(frames[: len(decoder)]):
        theirs = decoder.get_frame_at(index)
        differences.append(difference(frame, theirs.data.numpy()))
        theirs_s.append(theirs.pts_seconds)
    chosen = decode_video(content, every_s=EVERY_S)
    last_s = decoder.metadata.end_stream_seconds - TICK_S
    shown = [
        decoder.get_frame_played_at(min(theirs_s[0] + EVERY_S * index + TICK_S, last_s)).data.numpy()
        for index in range(len(chosen.frames))
    ]
    return {
        "shapes": [frames.shape, (len(decoder), decoder.metadata.height, decoder.metadata.width, 3)],
        "difference": None if None in differences else max(differences),
        "difference_in_times_s": float(np.abs(times_s[: len(theirs_s)] - (np.asarray(theirs_s) - theirs_s[0])).max()),
        "difference_every": difference(chosen.frames, np.stack(shown)),
    }


def attempt(compare: Callable[[bytes], dict[str, Any]], path: Path) -> dict[str, Any]:
    try:
        return compare(path.read_bytes())
    except (RuntimeError, ValueError) as error:
        return {"error": str(error).splitlines()[0]}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    found = {path.name: attempt(compare_sound, path) for path in sorted(folder.glob("audio/*"))}
    found |= {path.name: attempt(compare_video, path) for path in sorted(folder.glob("video/*"))}
    print(json.dumps(found))
