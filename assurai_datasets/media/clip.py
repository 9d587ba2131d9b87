"""Looking at containers of sound and video streams with PyAV."""

from collections.abc import Iterator, Sequence
from typing import Any

from av import FFmpegError
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import MemoryError as FFmpegMemoryError
from av.packet import Packet
from av.video.stream import VideoStream

from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.findings import Fault, Findings, make_fault
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.media.outline import (
    SLACK_S,
    WITH_TABLES,
    Outline,
    expect_outline,
    falls_short,
    read_outline,
    settle_outline,
    stream_length_s,
)
from assurai_datasets.media.picture_faults import picture_faults
from assurai_datasets.media.streams import is_described, open_bare, open_streams, streams_of
from assurai_datasets.media.tally import SampleTally, sample_faults, sound_limit_faults
from assurai_datasets.media.track import PictureTrack, SoundTrack
from assurai_datasets.schema.codes import Code

STRICT = {"err_detect": "crccheck+explode"}
"""Makes FFmpeg's decoders report damage they would otherwise paint over, and look at checksums (of FLAC frames)."""

AnyTrack = PictureTrack | SoundTrack


def examine_streams(
    content: bytes, form: FileFormat, *, fast: bool, limits: MediaLimits, knows_length: bool = True
) -> Findings:
    """Return what a container's header, and unless `fast` every frame and sample of all its streams decoded, tell.

    Args:
        content: The file.
        form: Its format.
        fast: Look at the header only.
        limits: Sizes beyond which it is refused.
        knows_length: Whether the declared length is the file's own word; an estimate is held against nothing.
    """
    try:
        found = None if fast or not knows_length else _examine_described(content, form, limits)
        return found or _examine_opened(content, form, fast=fast, limits=limits, knows_length=knows_length)
    except FFmpegMemoryError:
        return Findings({}, (make_fault(Code.MEDIA_TOO_LARGE, "declares more than fits into memory"),))
    except MemoryError:
        raise
    except (FFmpegError, ValueError, OverflowError, ZeroDivisionError) as error:
        return Findings({}, (make_fault(Code.MEDIA_UNREADABLE, f"the container cannot be opened: {_words(error)}"),))


def _examine_described(content: bytes, form: FileFormat, limits: MediaLimits) -> Findings | None:
    """Return what a container that tells all by itself holds; None where it does not, or where anything is wrong.

    What is wrong is told by decoders that have looked at the file first, for what a container says of them may be.
    """
    if form.name not in WITH_TABLES:
        return None
    try:
        with open_bare(content, form) as bare:
            outline = expect_outline(bare, content, form)
            if outline is None or not is_described(bare):
                return None
            findings = _examine(bare, limits, knows_length=True)
            if not findings.faults:
                findings = _decode(bare, outline, dict(findings.facts), limits)
    except FFmpegError:
        return None
    return None if findings.is_refused else findings


def _examine_opened(
    content: bytes, form: FileFormat, *, fast: bool, limits: MediaLimits, knows_length: bool
) -> Findings:
    with (
        open_bare(content, form) as bare,
        open_streams(content, form, max_pixels=limits.max_pixels, bare=bare) as container,
    ):
        findings = _examine(container, limits, knows_length=knows_length)
        if fast or findings.faults:
            return findings
        expected = expect_outline(bare, content, form) if knows_length else None
        outline = expected or read_outline(bare, content, form, knows_length=knows_length)
        return _decode(container, outline, dict(findings.facts), limits)


def _examine(container: InputContainer, limits: MediaLimits, *, knows_length: bool) -> Findings:
    """Return what the header tells."""
    videos: Sequence[Any] = streams_of(container, "video")
    sounds: Sequence[Any] = streams_of(container, "audio")
    if not videos and not sounds:
        return Findings({}, (make_fault(Code.MEDIA_STREAM_MISSING, "holds no stream of sound or video"),))
    facts: dict[str, Any] = {"kind": "video" if videos else "audio"}
    if any(stream.codec_context is None for stream in (*videos, *sounds)):
        fault = make_fault(Code.MEDIA_FORMAT_UNSUPPORTED, "holds a stream that no decoder here reads")
        return Findings(facts, (fault,))
    declared = _declared_s(videos[0] if videos else sounds[0], container) if knows_length else None
    facts |= {"declared_duration_s": declared, "duration_s": declared, **_header_facts(videos, sounds)}
    return Findings(facts, tuple(_limit_faults(facts, limits)))


def _header_facts(videos: Sequence[VideoStream], sounds: Sequence[AudioStream]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if sounds:
        facts |= {"sample_rate_hz": sounds[0].codec_context.sample_rate, "channels": sounds[0].codec_context.channels}
        facts |= {"codec": sounds[0].codec_context.codec.canonical_name}
    if videos:
        first, rate = videos[0], videos[0].average_rate or videos[0].guessed_rate
        facts |= {
            "codec": first.codec_context.codec.canonical_name,
            "audio_streams": len(sounds),
            "frames": first.frames or None,
        }
        facts |= {"width_px": first.codec_context.width, "height_px": first.codec_context.height}
        facts |= {"frame_rate_hz": float(rate) if rate else None}
    return facts


def _declared_s(stream: VideoStream | AudioStream, container: InputContainer) -> float | None:
    declared = stream_length_s(stream)
    if declared is not None:
        return declared
    return container.duration / 1e6 if container.duration is not None and container.duration >= 0 else None


def _limit_faults(facts: dict[str, Any], limits: MediaLimits) -> Iterator[Fault]:
    pixels = (facts.get("width_px") or 0) * (facts.get("height_px") or 0)
    if pixels > limits.max_pixels:
        found = f"{facts['width_px']} x {facts['height_px']} pixels, more than {limits.max_pixels:,}"
        yield make_fault(Code.MEDIA_TOO_LARGE, found)
    elif (facts.get("frames") or 0) > limits.max_frames:
        yield make_fault(Code.MEDIA_TOO_LARGE, f"declares {facts['frames']:,} frames")
    else:
        yield from sound_limit_faults(facts, limits)


def _decode(container: InputContainer, outline: Outline, facts: dict[str, Any], limits: MediaLimits) -> Findings:
    tracks = list(_tracks(container, outline))
    first = tracks[0]
    if isinstance(first, SoundTrack):
        first.tally = SampleTally(facts["channels"], facts["sample_rate_hz"] or 1)
    faults = list(_run(container, tracks, outline, limits))
    if not outline.is_filled:
        settle_outline(outline)
    form = _form_facts(tracks)
    faults += sound_limit_faults(form, limits)
    facts |= form
    if isinstance(first, PictureTrack):
        header_px = facts["width_px"], facts["height_px"]
        facts |= first.facts()
        faults += picture_faults(first, facts, header_px=header_px)
    else:
        facts |= _sound_facts(first)
    faults += _decoded_faults(tracks, outline, facts)
    return Findings({**facts, "decoded": all(fault.severity == "warning" for fault in faults)}, tuple(faults))


def _tracks(container: InputContainer, outline: Outline) -> Iterator[AnyTrack]:
    videos: Sequence[Any] = streams_of(container, "video")
    sounds: Sequence[Any] = streams_of(container, "audio")
    for video in videos:
        yield PictureTrack(video, own=outline.streams[video.index])
    for sound in sounds:
        yield SoundTrack(sound, own=outline.streams[sound.index])


def _form_facts(tracks: list[AnyTrack]) -> dict[str, Any]:
    """Return the form of the first sound as decoded: where AAC was extended, it has twice the rate of the header."""
    form = next((track.form for track in tracks if isinstance(track, SoundTrack)), None)
    return {"channels": form[0], "sample_rate_hz": form[1]} if form is not None else {}


def _sound_facts(track: SoundTrack) -> dict[str, Any]:
    return track.tally.facts() if track.tally is not None else {}


def _run(container: InputContainer, tracks: list[AnyTrack], outline: Outline, limits: MediaLimits) -> Iterator[Fault]:
    """Decode until the end, the first damage or a limit; yield the limit that stopped it."""
    by_stream = {track.stream.index: track for track in tracks}
    for track in tracks:
        track.stream.codec_context.options = {**STRICT, "max_pixels": str(limits.max_pixels)}
    try:
        for packet in container.demux([track.stream for track in tracks]):
            track = by_stream[packet.stream.index]  # `stream_index` of the packet that ends a stream is 0
            outline.meet(packet)
            _take(packet, track)
            if track.damage:
                track.is_cut = not any(rest.size for rest in container.demux([track.stream]))
                return
            if track.frames > limits.max_frames or track.length_s > limits.max_duration_s:
                found = f"goes on after {track.frames:,} frames and {track.length_s:.0f} s"
                outline.is_whole = outline.is_whole and outline.is_filled
                yield make_fault(Code.MEDIA_TOO_LARGE, found)
                return
    except FFmpegError as error:
        if isinstance(error, MemoryError):
            raise
        tracks[0].damage = f"the container breaks off: {_words(error)}"


def _take(packet: "Packet[Any]", track: AnyTrack) -> None:
    track.meet(packet)
    try:
        for frame in packet.decode():
            if frame.is_corrupt and track.forgives():
                continue
            track.add(frame)
            if frame.is_corrupt:
                track.damage = f"frame {track.frames} of the {track.stream.type} stream is damaged"
                return
    except FFmpegError as error:
        if isinstance(error, MemoryError):
            raise
        if track.forgives():
            return
        track.damage = f"the {track.stream.type} stream cannot be decoded after frame {track.frames}: {_words(error)}"


def _decoded_faults(tracks: list[AnyTrack], outline: Outline, facts: dict[str, Any]) -> Iterator[Fault]:
    first = tracks[0]
    damaged = next((track for track in tracks if track.damage), None)
    if damaged is not None:
        yield make_fault(Code.MEDIA_TRUNCATED if damaged.is_cut else Code.MEDIA_UNREADABLE, damaged.damage)
    elif first.frames == 0:
        yield _emptiness(first)
    else:
        yield from _length_faults(tracks, outline)
    yield from _change_faults(tracks)
    if not isinstance(first, PictureTrack):
        yield from sample_faults(facts)


def _change_faults(tracks: list[AnyTrack]) -> Iterator[Fault]:
    """The sound of a video may change its channels, as broadcasts do; the samples of a sound form one array."""
    for track in tracks:
        if track.change:
            code = Code.MEDIA_UNREADABLE if track is tracks[0] else Code.MEDIA_HEADER_MALFORMED
            yield make_fault(code, track.change, "encode its sound as one stream of one rate and number of channels")


def _emptiness(track: AnyTrack) -> Fault:
    if track.packets:
        return make_fault(Code.MEDIA_UNREADABLE, f"no frame of its {track.stream.type} stream can be decoded")
    if track.own.declared_s:
        found = f"its {track.stream.type} stream declares {track.own.declared_s:.2f} s and holds nothing"
        return make_fault(Code.MEDIA_TRUNCATED, found)
    return make_fault(Code.MEDIA_DURATION_ZERO, f"its {track.stream.type} stream is empty")


def _length_faults(tracks: list[AnyTrack], outline: Outline) -> Iterator[Fault]:
    """Yield what is wrong between what is declared, what arrives and what can be decoded."""
    for found in outline.missing():
        yield make_fault(Code.MEDIA_UNREADABLE, found)
    for found in outline.shortfalls():
        yield make_fault(Code.MEDIA_TRUNCATED, found)
    for found in outline.overruns():
        yield make_fault(Code.MEDIA_DURATION_MISMATCH, found)
    for track in tracks:
        if track.frames:
            yield from _undecoded(track)
        if isinstance(track, SoundTrack):
            yield from _gap_faults(track)


def _gap_faults(track: SoundTrack) -> Iterator[Fault]:
    """A warning and no error: recordings of live streams have gaps where nothing was sent, and are whole."""
    gaps_s = track.length_s - track.sounding_s
    if falls_short(track.sounding_s, track.length_s):
        found = f"its sound lasts {track.length_s:.2f} s, and samples of {gaps_s:.2f} s between are missing"
        yield make_fault(Code.MEDIA_DURATION_MISMATCH, found, "deliver the file again, or fill its gaps with silence")


def _undecoded(track: AnyTrack) -> Iterator[Fault]:
    own, kind, start_s = track.own, track.stream.type, track.start_s or 0.0
    if falls_short(track.end_s - own.start_s, own.length_s):
        found = (
            f"its {kind} stream holds {own.length_s:.2f} s and can be decoded until {track.end_s - own.start_s:.2f} s"
        )
        yield make_fault(Code.MEDIA_TRUNCATED, found)
    if start_s - own.start_s > SLACK_S and own.packets:
        found = f"the first {start_s - own.start_s:.2f} s of its {kind} stream need frames that are not in the file"
        yield make_fault(Code.MEDIA_DURATION_MISMATCH, found, "cut it at a key frame, or encode it anew")


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
