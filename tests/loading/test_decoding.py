"""Media on access, without torch."""

import sys
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest
from datasets import Dataset, Features, List, load_dataset

from assurai_datasets.errors import UsageError
from assurai_datasets.loading import Audio, DecodedAudio, EncodedVideo, Video, load
from assurai_datasets.loading.decoding import with_decoding
from assurai_datasets.media import decode_audio
from tests.media_files import clip


def test_torch_is_not_needed_nor_loaded(release: Path):
    row = next(row for row in load("audio", release=release) if row["audio"] is not None)
    assert set(row["audio"]) == {"bytes", "path", "array", "sampling_rate"}
    assert not {"torch", "torchcodec"} & set(sys.modules)


def test_sound_is_what_decode_audio_gives(release: Path):
    stored = load("audio", release=release, decode=False)[0]["audio"]
    decoded = load("audio", release=release)[0]["audio"]
    samples, rate_hz = decode_audio(stored, mono=True)
    assert stored["bytes"]
    assert decoded["path"] == stored["path"]
    assert decoded["sampling_rate"] == rate_hz
    np.testing.assert_array_equal(decoded["array"], samples[:, 0])


def test_our_features_serve_cast_column(release: Path):
    plain = load_dataset(str(release), "audio", split="test").cast_column("audio", Audio(sampling_rate=8000))
    sound = plain.select_columns("audio")[0]["audio"]
    assert sound["sampling_rate"] == 8000
    assert sound["array"].ndim == 1
    video = load_dataset(str(release), "video", split="test").cast_column("video", Video())
    assert isinstance(video.select_columns("video")[0]["video"], EncodedVideo)


def test_frames_of_a_video_are_decoded_when_asked_for(release: Path):
    video = next(row["video"] for row in load("video", release=release) if row["video"] is not None)
    frames, times_s = video.frames(n_frames=3)
    assert frames.dtype == np.uint8
    assert frames.shape[0] == len(times_s) == 3
    assert frames.shape[-1] == 3


def test_media_among_responses_are_decoded_too(release: Path):
    found = [column for column in load("audio", release=release).column_names if column == "response_audios"]
    values = [value for row in load("audio", release=release) for value in row["response_audios"] or () if value]
    assert found
    assert values
    assert set(values[0]) == {"bytes", "path", "array", "sampling_rate"}


def videos_of(clips: list[bytes | None], *, decode: bool = True) -> Dataset:
    """Rows of which each has one list of videos, the last of them none."""
    lists = [[None if clip is None else {"bytes": clip, "path": "a.mp4"} for clip in clips], None]
    table = pa.table({"videos": pa.array(lists, pa.list_(datasets.Video.pa_type))})
    stored = Dataset(table, info=datasets.DatasetInfo(features=Features({"videos": List(datasets.Video())})))
    return with_decoding(stored, decode=decode)


def test_videos_among_responses_are_decoded_in_rows_slices_and_streams():
    rows = videos_of([None, clip()])
    for videos in (rows[0]["videos"], rows[:]["videos"][0], rows["videos"][0], next(iter(rows))["videos"]):
        assert [type(video) for video in videos] == [type(None), EncodedVideo]
        assert len(videos[1].frames(n_frames=3).frames) == 3
    assert isinstance(next(iter(rows.to_iterable_dataset()))["videos"][1], EncodedVideo)
    assert rows[1]["videos"] is None
    assert [type(video) for video in videos_of([clip()], decode=False)[0]["videos"]] == [dict]


def test_videos_among_responses_keep_their_bytes_through_map_and_disk(tmp_path: Path):
    content = clip()
    seen = videos_of([content]).map(lambda row: {"videos": row["videos"], "count": len(row["videos"] or ())})
    assert seen["count"][:] == [1, 0]
    assert isinstance(seen[0]["videos"][0], EncodedVideo)
    seen.save_to_disk(tmp_path / "saved")
    again = with_decoding(datasets.load_from_disk(str(tmp_path / "saved")), decode=False)
    assert again[0]["videos"] == [{"bytes": content, "path": "a.mp4"}]
    assert seen.with_format("arrow")[0]["videos"].to_pylist()[0][0]["bytes"] == content
    assert seen.with_format("pandas")[0]["videos"][0] is not None


def test_a_video_equals_its_like_and_no_stored_value():
    video, stored = EncodedVideo(bytes=b"1", path=None), {"bytes": b"1", "path": None}
    assert video == EncodedVideo(stored)
    assert video != EncodedVideo(stored | {"bytes": b"2"})
    assert video != stored
    assert stored != video
    assert dict(video) == stored


@pytest.mark.parametrize(
    ("choice", "found"),
    [({"num_channels": 2}, "num_channels must be 1 or None"), ({"stream_index": 1}, "stream_index")],
)
def test_what_our_sound_feature_would_ignore_is_refused(choice: dict[str, int], found: str):
    with pytest.raises(UsageError, match=found):
        Audio(**choice)
    assert Audio(num_channels=1).num_channels == 1


@pytest.mark.parametrize("config", ["image", "audio", "video"])
@pytest.mark.parametrize("streaming", [False, True])
def test_without_decoding_the_stored_bytes_are_given(release: Path, config: str, streaming: bool):
    rows = [row for row in load(config, release=release, decode=False, streaming=streaming) if row[config]]
    assert rows
    assert all(set(row[config]) == {"bytes", "path"} and isinstance(row[config]["bytes"], bytes) for row in rows)


def test_exchanging_features_rewrites_no_row(release: Path):
    decoded, stored = (load("image", release=release, decode=decode) for decode in (True, False))
    assert decoded.cache_files == stored.cache_files
    assert {Path(decoded.cache_files[0]["filename"])} == set(Path(datasets.config.HF_DATASETS_CACHE).rglob("*.arrow"))


def test_results_of_map_on_decoded_and_stored_media_are_kept_apart(release: Path):
    kinds = [
        load("audio", release=release, decode=decode).map(lambda row: {"keys": sorted(row["audio"] or ())})[0]["keys"]
        for decode in (True, False)
    ]
    assert kinds == [["array", "bytes", "path", "sampling_rate"], ["bytes", "path"]]


@pytest.mark.parametrize("config", ["image", "audio", "video"])
def test_map_over_media_that_were_looked_at_keeps_their_bytes(release: Path, config: str):
    seen = load(config, release=release).map(lambda row: {"seen": row[config] is not None})
    stored = load(config, release=release, decode=False)
    assert [row["seen"] for row in seen] == [row[config] is not None for row in stored]
    again = with_decoding(seen, decode=False)
    if config != "image":  # datasets writes a decoded picture anew
        assert [row[config] for row in again] == [row[config] for row in stored]


def test_samples_become_a_sound_file():
    feature = Audio()
    samples = np.linspace(-1, 1, 100, dtype=np.float32)
    stored = feature.encode_example({"array": samples, "sampling_rate": 8000})
    np.testing.assert_array_equal(feature.decode_example(stored)["array"], samples)
    rows = [{"audio": {"array": samples, "sampling_rate": 8000}}, {"audio": None}]
    column = Dataset.from_list(rows, features=Features({"audio": feature}))
    np.testing.assert_array_equal(column[0]["audio"]["array"], samples)
    assert column[1]["audio"] is None


def test_what_a_sound_may_be_given_as(tmp_path: Path):
    assert Audio().encode_example(b"RIFF") == {"bytes": b"RIFF", "path": None}
    assert Audio().encode_example(tmp_path / "a.wav") == {"bytes": None, "path": str(tmp_path / "a.wav")}


def test_a_decoded_value_is_given_back_as_it_is():
    sound = DecodedAudio(path="a.wav", array=np.zeros(3, np.float32), sampling_rate=8000)
    assert Audio().decode_example(sound) is sound
    video = EncodedVideo(bytes=b"", path=None)
    assert Video().decode_example(video) is video


def test_a_medium_is_shown_without_the_content_of_its_file(release: Path):
    for config in ("audio", "video"):
        value = next(row[config] for row in load(config, release=release) if row[config] is not None)
        assert f"<{len(value['bytes']):,} bytes>" in repr(value)
        assert len(repr(value)) < 400


def test_missing_media_stay_missing(release: Path):
    for config in ("image", "audio", "video"):
        rows = load(config, release=release)
        missing = [row["media"] is None for row in rows]
        assert [row[config] is None for row in rows] == missing
        assert any(missing)
