"""Media decoded on access without torch: features for `cast_column`, and a whole dataset's features exchanged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

import datasets
from datasets import Dataset, Features, IterableDataset

from assurai_datasets.media import Frames, decode_audio, decode_video

Loaded = TypeVar("Loaded", Dataset, IterableDataset)


@dataclass
class Audio(datasets.Audio):  # type: ignore[misc]  # datasets is not typed
    """The `Audio` feature of `datasets`, decoded without torch, for `dataset.cast_column("audio", Audio())`.

    A value is `{"path": str, "array": float32 array of shape (n_samples,), "sampling_rate": int}`: channels are
    averaged, as `datasets` does. `decode_audio` of this package gives the channels.

    Args:
        sampling_rate: Rate in hertz to convert to; None keeps that of the file.
        decode: Whether to decode; else a value is `{"bytes": bytes, "path": str}`.
    """

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:
        """Return the decoded sound of a stored value; a decoded one is returned as it is."""
        if not isinstance(value, Mapping) or "bytes" not in value:
            return value
        samples, rate_hz = decode_audio(value, sample_rate_hz=self.sampling_rate, mono=True)
        return {"path": value.get("path"), "array": samples[:, 0], "sampling_rate": rate_hz}


@dataclass
class Video(datasets.Video):  # type: ignore[misc]  # datasets is not typed
    """The `Video` feature of `datasets`, decoded without torch, for `dataset.cast_column("video", Video())`.

    A value is an `EncodedVideo`, whose frames are decoded when they are asked for.

    Args:
        decode: Whether to give an `EncodedVideo`; else a value is `{"bytes": bytes, "path": str}`.
    """

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:
        """Return the video of a stored value; one that was already made is returned as it is."""
        if not isinstance(value, Mapping):
            return value
        return EncodedVideo(value.get("bytes"), value.get("path"))


class EncodedVideo(NamedTuple):
    """A video as it is stored; its frames are decoded when they are asked for.

    Attributes:
        bytes: Content of the file, or None where `path` leads to it.
        path: Name of the file.
    """

    bytes: bytes | None
    path: str | None

    def frames(self, *, every_s: float | None = None, n_frames: int | None = None) -> Frames:
        """Return frames and their times in seconds: all, one every so many seconds, or so many evenly spread.

        Raises:
            UsageError: Both or impossible choices.
            DataError: The content cannot be decoded.
            LimitError: The frames would take more than 4 GiB; ask for fewer.
        """
        return decode_video(self._asdict(), every_s=every_s, n_frames=n_frames)


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
