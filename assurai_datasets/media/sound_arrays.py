"""Sound of a release row as samples."""

import io
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import soundfile
from av import AudioFrame, AudioResampler, FFmpegError
from numpy.typing import NDArray

from assurai_datasets.errors import DataError, LimitError, UsageError
from assurai_datasets.media.decode import MAX_BYTES, MediaValue, content_of
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.samples import to_samples
from assurai_datasets.media.sound import SOUNDFILE_FORMATS
from assurai_datasets.media.streams import open_streams, streams_of

FILTER_SAMPLES = 32
"""As many samples the resampler's filter spans, times the ratio of the rates where there become fewer."""


class Sound(NamedTuple):
    """Decoded sound: float32 of shape (n_samples, n_channels), 1.0 being full scale, and samples a second."""

    samples: NDArray[np.float32]
    sample_rate_hz: int


def decode_audio(value: MediaValue, *, sample_rate_hz: int | None = None, mono: bool = False) -> Sound:
    """Return the samples of a sound, float32 of shape (n_samples, n_channels), and its sample rate.

    Args:
        value: A media cell `{"bytes", "path"}`, bytes, or a path; the soundtrack of a video will do. Samples decoded
            before, `{"array", "sampling_rate"}` of shape (n_samples,) or (n_channels, n_samples) as in `datasets`,
            are taken where a cell has no bytes.
        sample_rate_hz: Resample to this many samples a second; None keeps the rate of the file.
        mono: Average the channels into one.

    Raises:
        UsageError: The value holds no medium, or the rate is not positive or too far from the sound's own.
        DataError: The content cannot be decoded, or holds no sound.
        LimitError: The samples would take more than 4 GiB.
    """
    if sample_rate_hz is not None and sample_rate_hz <= 0:
        raise UsageError(f"sample_rate_hz must be positive, not {sample_rate_hz!r}")
    samples, rate = _decoded(value)
    if mono:
        samples = samples.mean(axis=1, keepdims=True, dtype=np.float32)
    if sample_rate_hz is not None and sample_rate_hz != rate:
        samples, rate = _resample(samples, rate, sample_rate_hz), sample_rate_hz
    return Sound(samples, rate)


def _decoded(value: MediaValue) -> tuple[NDArray[np.float32], int]:
    if isinstance(value, Mapping) and value.get("array") is not None and value.get("bytes") is None:
        return _given_samples(value["array"], value.get("sampling_rate"))
    content, form = content_of(value)
    try:
        return _decode(content, form)
    except FFmpegError as error:
        raise DataError(f"the {form.name} file cannot be decoded: {error.strerror}") from error


def _given_samples(array: Any, rate: Any) -> tuple[NDArray[np.float32], int]:
    samples = np.asarray(array, np.float32)
    if samples.ndim not in (1, 2) or not isinstance(rate, (int, np.integer)) or rate <= 0:
        raise UsageError(
            "a decoded sound has an array of one or two dimensions and a sampling_rate, "
            f"not {samples.ndim} dimensions and {rate!r}"
        )
    return np.ascontiguousarray(np.atleast_2d(samples).T), int(rate)


def _decode(content: bytes, form: FileFormat) -> tuple[NDArray[np.float32], int]:
    if form.name in SOUNDFILE_FORMATS:
        try:
            with soundfile.SoundFile(io.BytesIO(content)) as sound:
                _check_size(sound.frames * sound.channels)
                sound.seek(0)  # as soundfile.read does, which changes the last bit of some MP3 samples
                return np.asarray(sound.read(dtype="float32", always_2d=True), np.float32), sound.samplerate
        except soundfile.LibsndfileError:
            pass  # FFmpeg reads some forms that libsndfile does not
    if form.support == "unsupported" or form.kinds == ("image",):
        raise DataError(f"a {form.name} file holds no sound that can be decoded here")
    return _decode_stream(content, form)


def _decode_stream(content: bytes, form: FileFormat) -> tuple[NDArray[np.float32], int]:
    with open_streams(content, form) as container:
        stream = next((each for each in streams_of(container, "audio") if each.codec_context is not None), None)
        if stream is None:
            raise DataError(f"the {form.name} file holds no sound that can be decoded here")
        blocks, total, rate = [], 0, 0
        for frame in container.decode(stream):
            if isinstance(frame, AudioFrame):
                blocks.append(to_samples(frame))
                total, rate = total + blocks[-1].size, frame.sample_rate
                _check_size(total)
    if not blocks:
        raise DataError(f"the {form.name} file holds no sample")
    return np.concatenate(blocks), rate


def _check_size(values: int) -> None:
    if values * 4 > MAX_BYTES:
        raise LimitError(f"the sound has {values:,} samples, which take more than {MAX_BYTES:,} bytes")


def _resample(samples: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    """Resample channel by channel with FFmpeg's resampler, to the length that the rates ask for."""
    length = round(len(samples) * wanted / rate)
    try:
        channels = [_resample_channel(np.ascontiguousarray(channel), rate, wanted) for channel in samples.T]
    except FFmpegError as error:
        raise UsageError(f"sample_rate_hz={wanted!r} is too far from the sound's own {rate:,}") from error
    fitted = [np.pad(channel[:length], (0, max(0, length - len(channel)))) for channel in channels]
    return np.stack(fitted, axis=1) if fitted else samples


def _resample_channel(channel: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    if not len(channel):
        return channel
    frame = AudioFrame.from_ndarray(channel[None, :], format="fltp", layout="mono")
    frame.sample_rate = rate
    resampler = AudioResampler(format="fltp", layout="mono", rate=wanted)
    parts = [part.to_ndarray()[0] for part in (*resampler.resample(frame), *resampler.resample(None))]
    if not parts:  # of a sound shorter than its filter FFmpeg gives nothing
        return _resample_channel(np.pad(channel, (0, len(channel) + FILTER_SAMPLES)), rate, wanted)
    return np.asarray(np.concatenate(parts), np.float32)
