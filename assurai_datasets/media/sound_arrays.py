"""Sound of a release row as samples."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import soundfile
from av import AudioFrame, AudioResampler, FFmpegError
from numpy.typing import NDArray

from assurai_datasets.errors import DataError, LimitError, UsageError
from assurai_datasets.media.containers import survey
from assurai_datasets.media.decode import MAX_BYTES, MediaValue, content_of, describe_error
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.samples import to_samples
from assurai_datasets.media.sound_decoder import open_chosen, slack_samples
from assurai_datasets.media.streams import open_streams, streams_of
from assurai_datasets.media.track import spell_form
from assurai_datasets.schema.codes import Code

FILTER_SAMPLES = 32
"""As many samples the resampler's filter spans, times the ratio of the rates where there become fewer."""


class Sound(NamedTuple):
    """Decoded sound: float32 of shape (n_samples, n_channels), 1.0 being full scale, and samples a second."""

    samples: NDArray[np.float32]
    sample_rate_hz: int


def decode_audio(value: MediaValue, *, sample_rate_hz: int | None = None, mono: bool = False) -> Sound:
    """Return the samples of a sound, float32 of shape (n_samples, n_channels), and its sample rate.

    A file that holds less than it declares is refused where its structure shows that. These are the samples that can
    be decoded: of a file that lost a part in between, or of one that does not say how long it is, they may be fewer
    than it had, and `probe_media` tells more.

    Args:
        value: A media cell `{"bytes", "path"}`, bytes, or a path; the soundtrack of a video will do. Samples decoded
            before, `{"array", "sampling_rate"}` of shape (n_samples,) or (n_channels, n_samples) as in `datasets`,
            are taken where a cell has no bytes.
        sample_rate_hz: Resample to this many samples a second; None keeps the rate of the file.
        mono: Average the channels into one.

    Raises:
        UsageError: The value holds no medium, or the rate is no positive integer or too far from the sound's own.
        DataError: The content cannot be decoded, holds no sound, or lost its end.
        LimitError: The file is larger than the probe takes, or the samples would take more than 4 GiB, as they are or
            resampled.
    """
    if sample_rate_hz is not None and not _is_rate(sample_rate_hz):
        raise UsageError(f"sample_rate_hz must be a positive integer below 2 ** 31, not {sample_rate_hz!r}")
    samples, rate = _decoded(value)
    if mono:
        samples = samples.mean(axis=1, keepdims=True, dtype=np.float32)
    if sample_rate_hz is not None and sample_rate_hz != rate:
        samples, rate = _resample(samples, rate, sample_rate_hz), int(sample_rate_hz)
    return Sound(samples, rate)


def _decoded(value: MediaValue) -> tuple[NDArray[np.float32], int]:
    if isinstance(value, Mapping) and value.get("array") is not None and value.get("bytes") is None:
        return _given_samples(value["array"], value.get("sampling_rate"))
    content, form = content_of(value)
    _check_end(content, form)
    try:
        return _decode(content, form)
    except MemoryError:
        raise
    except (FFmpegError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise DataError(f"the {form.name} file cannot be decoded: {describe_error(error)}") from error


def _check_end(content: bytes, form: FileFormat) -> None:
    """Refuse a file whose structure shows that it lost its end, where decoders would give the samples before it."""
    for fault in survey(content, form.name).faults:
        if fault.code == Code.MEDIA_TRUNCATED:
            raise DataError(f"the {form.name} file lost its end: {fault.message}")


def _is_rate(rate: Any) -> bool:
    """Return whether a value is a sample rate that FFmpeg, which counts in 32 bits, can take."""
    return isinstance(rate, (int, np.integer)) and not isinstance(rate, bool) and bool(0 < rate < 1 << 31)


def _given_samples(array: Any, rate: Any) -> tuple[NDArray[np.float32], int]:
    try:
        given = np.asarray(array)
    except ValueError:  # rows of different lengths
        given = np.asarray(None)
    if given.ndim not in (1, 2) or given.dtype.kind not in "iufb" or not _is_rate(rate):
        raise UsageError(
            "a decoded sound has an array of real numbers in one or two dimensions and a sampling_rate, "
            f"not {given.ndim} dimensions of {given.dtype} and {rate!r}"
        )
    return np.ascontiguousarray(np.atleast_2d(given.astype(np.float32)).T), int(rate)


def _decode(content: bytes, form: FileFormat) -> tuple[NDArray[np.float32], int]:
    try:
        with open_chosen(content, form) as (decoder, sounds):
            if decoder.is_soundfile:
                _check_size(sum(each.frames * each.channels for each in sounds))
                parts = [_read(each) for each in sounds]
                samples = np.concatenate(parts) if len(parts) > 1 else parts[0]
                if decoder.knows_length:
                    _check_length(sounds, len(samples))
                return samples, sounds[0].samplerate
    except soundfile.LibsndfileError:  # FFmpeg goes on where libsndfile gives up
        return _decode_stream(content, form)
    if decoder.is_none:
        raise DataError(f"the {form.name} file is a chain of streams no decoder here reads; encode it as one")
    if form.support == "unsupported" or form.kinds == ("image",):
        raise DataError(f"a {form.name} file holds no sound that can be decoded here")
    return _decode_stream(content, form)


def _check_length(sounds: list[Any], held: int) -> None:
    declared = sum(each.frames for each in sounds)
    if held < declared - slack_samples(sounds[0]):
        raise DataError(f"the file lost its end: it declares {declared:,} samples and holds {held:,}")


def _read(sound: Any) -> NDArray[np.float32]:
    """Read a sound as `soundfile.read` does, which goes back to the start: that changes the last bit of some MP3."""
    if sound.seekable():
        sound.seek(0)
    return np.asarray(sound.read(sound.frames, dtype="float32", always_2d=True), np.float32)


def _decode_stream(content: bytes, form: FileFormat) -> tuple[NDArray[np.float32], int]:
    with open_streams(content, form) as container:
        stream = next((each for each in streams_of(container, "audio") if each.codec_context is not None), None)
        if stream is None:
            raise DataError(f"the {form.name} file holds no sound that can be decoded here")
        blocks, own = _blocks(frame for frame in container.decode(stream) if isinstance(frame, AudioFrame))
    if own is None:
        raise DataError(f"the {form.name} file holds no sample")
    return np.concatenate(blocks), own[1]


def _blocks(frames: Iterator[AudioFrame]) -> tuple[list[NDArray[np.float32]], tuple[int, int] | None]:
    blocks, total, form = [], 0, None
    for frame in frames:
        own = (frame.layout.nb_channels, frame.sample_rate)
        if form is not None and own != form:
            raise DataError(f"its sound changes from {spell_form(form)} to {spell_form(own)}; encode it as one stream")
        form = own
        blocks.append(to_samples(frame))
        total += blocks[-1].size
        _check_size(total)
    return blocks, form


def _check_size(values: int) -> None:
    if values * 4 > MAX_BYTES:
        raise LimitError(f"the sound has {values:,} samples, which take more than {MAX_BYTES:,} bytes")


def _resample(samples: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    """Resample channel by channel with FFmpeg's resampler, to the length that the rates ask for."""
    length = round(len(samples) * wanted / rate)
    _check_size(length * samples.shape[1])
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
