"""Media decoded on access without torch: features for `cast_column`, and a whole dataset's features exchanged."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import datasets
import numpy as np
import pyarrow as pa
import soundfile
from datasets import Dataset, Features, IterableDataset

from assurai_datasets.errors import UsageError
from assurai_datasets.media import Frames, decode_audio, decode_video

Loaded = TypeVar("Loaded", Dataset, IterableDataset)


@dataclass
class Audio(datasets.Audio):  # type: ignore[misc]  # datasets is not typed
    """The `Audio` feature of `datasets` without torch, for `dataset.cast_column("audio", Audio())`.

    A value is a `DecodedAudio`.

    Args:
        sampling_rate: Rate in hertz to convert to; None keeps that of the file.
        decode: Whether to decode; else a value is `{"bytes": bytes, "path": str}`.
        num_channels: None or 1, the same here: channels are averaged.
        stream_index: None: the first sound is decoded.

    Raises:
        UsageError: Another number of channels, or a stream, is asked for.
    """

    def __post_init__(self) -> None:
        if isinstance(self.num_channels, bool) or self.num_channels not in (None, 1):
            raise UsageError(
                f"num_channels must be 1 or None, for channels are averaged, not {self.num_channels!r}; "
                "assurai_datasets.decode_audio gives each channel"
            )
        if self.stream_index is not None:
            raise UsageError(f"stream_index must be None, for the first sound is decoded, not {self.stream_index!r}")

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:
        """Return the decoded sound of a stored value; a decoded one is returned as it is."""
        if not isinstance(value, Mapping) or isinstance(value, DecodedAudio):
            return value
        samples, rate_hz = decode_audio(value, sample_rate_hz=self.sampling_rate, mono=True)
        return DecodedAudio(value, array=samples[:, 0], sampling_rate=rate_hz)

    def encode_example(self, value: Any) -> dict[str, Any]:
        """Return what is stored for a sound: its bytes and path as they are, samples as a WAV file."""
        if isinstance(value, Mapping) and value.get("bytes") is None and value.get("array") is not None:
            return {"bytes": _wav(value["array"], value["sampling_rate"]), "path": None}
        if isinstance(value, Mapping):
            return {"bytes": value.get("bytes"), "path": value.get("path")}
        if isinstance(value, bytes | bytearray):
            return {"bytes": bytes(value), "path": None}
        return {"bytes": None, "path": str(value)}

    def cast_storage(self, storage: pa.Array) -> pa.Array:
        """Return values that `map` hands back as they are stored."""
        if pa.types.is_struct(storage.type) and storage.type.get_field_index("array") >= 0:
            values = (value.as_py() for value in storage)
            return pa.array([None if value is None else self.encode_example(value) for value in values], self.pa_type)
        return super().cast_storage(storage)


@dataclass
class Video(datasets.Video):  # type: ignore[misc]  # datasets is not typed
    """The `Video` feature of `datasets` without torch, for `dataset.cast_column("video", Video())`.

    A value is an `EncodedVideo`, whose frames are decoded when they are asked for.

    Args:
        decode: Whether to give an `EncodedVideo`; else a value is `{"bytes": bytes, "path": str}`.
    """

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:
        """Return the video of a stored value; one that was already made is returned as it is."""
        return EncodedVideo(value) if isinstance(value, Mapping) and not isinstance(value, EncodedVideo) else value


class DecodedAudio(dict[str, Any]):
    """A decoded sound: `array`, float32 of shape (n_samples,), `sampling_rate` in hertz, `bytes` and `path`.

    Channels are averaged, as `datasets` does; `assurai_datasets.decode_audio` gives each.
    """

    def __repr__(self) -> str:
        return _shown(self)


class EncodedVideo(dict[str, Any]):
    """A video as it is stored, `bytes` and `path`; its frames are decoded when they are asked for.

    It equals another one of the same content and no plain mapping: `datasets` decodes a list only where the first
    value differs from what is stored.
    """

    __hash__ = None  # as of every mapping that can change

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EncodedVideo) and dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def frames(self, *, every_s: float | None = None, n_frames: int | None = None) -> Frames:
        """Return frames and their times in seconds: all, one every so many seconds, or so many evenly spread.

        Raises:
            UsageError: Both or impossible choices.
            DataError: The content cannot be decoded.
            LimitError: The frames would take more than 4 GiB; ask for fewer.
        """
        return decode_video(self, every_s=every_s, n_frames=n_frames)

    def __repr__(self) -> str:
        return _shown(self)


def _shown(medium: Mapping[str, Any]) -> str:
    """Return the text of a medium without the content of its file."""
    inner = {name: f"<{len(value):,} bytes>" if name == "bytes" and value else value for name, value in medium.items()}
    return f"{type(medium).__name__}({inner!r})"


def _wav(samples: Any, rate_hz: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.asarray(samples, np.float32), rate_hz, format="WAV", subtype="FLOAT")
    return file.getvalue()


def with_decoding(dataset: Loaded, *, decode: bool) -> Loaded:
    """Return the dataset with media that are decoded on access without torch, or given as stored; no row is rewritten.

    Args:
        dataset: A dataset or a stream.
        decode: Whether media are decoded; else a value is `{"bytes": bytes, "path": str}`.
    """
    features = dataset.features
    if features is None:
        return dataset
    exchanged = Features({name: _exchange(feature, decode) for name, feature in features.items()})
    if isinstance(dataset, IterableDataset):
        return dataset.cast(exchanged)
    info = dataset.info.copy()
    info.features = exchanged
    return Dataset(dataset.data, info=info, split=dataset.split)


def _exchange(feature: Any, decode: bool) -> Any:
    if isinstance(feature, datasets.Audio):
        return Audio(sampling_rate=feature.sampling_rate, num_channels=feature.num_channels, decode=decode)
    if isinstance(feature, datasets.Video):
        return Video(decode=decode)
    if isinstance(feature, datasets.Image):
        return replace(feature, decode=decode)
    if isinstance(feature, datasets.List):
        return datasets.List(_exchange(feature.feature, decode), length=feature.length)
    return feature
