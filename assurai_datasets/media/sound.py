"""Looking at sound files: libsndfile where it reads them, FFmpeg where it does not."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from assurai_datasets.media.clip import examine_streams
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.findings import Fault, Findings, make_fault
from assurai_datasets.media.flac_digest import FlacDigest, read_digest
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.media.sound_decoder import Decoder, open_chosen, open_sounds, slack_samples
from assurai_datasets.media.tally import SampleTally, sample_faults, sound_limit_faults
from assurai_datasets.schema.codes import Code

BLOCK_SAMPLES = 1 << 16


def examine_sound(content: bytes, form: FileFormat, *, fast: bool, limits: MediaLimits) -> Findings:
    """Return what a sound's or clip's header, and unless `fast` all of it decoded, tell."""
    with open_chosen(content, form) as (decoder, sounds):
        if decoder.is_soundfile:
            digest = read_digest(content) if form.name == "flac" else None
            findings = _examine(sounds, decoder, digest, fast=fast, limits=limits)
    if decoder.is_none:
        hint = "decode its parts one by one, and encode them as one stream"
        fault = make_fault(Code.MEDIA_FORMAT_UNSUPPORTED, "it is a chain of streams no decoder here reads", hint)
        return Findings({"kind": "audio"}, (fault,))
    if not decoder.is_soundfile:
        findings = examine_streams(content, form, fast=fast, limits=limits, knows_length=decoder.knows_length)
        return _with_count(decoder.samples, _second_opinion(decoder.refusal, findings))
    if findings.faults and findings.faults[0].code == Code.MEDIA_UNREADABLE:
        return Findings(findings.facts, (_cause_of_damage(content, form, decoder, limits) or findings.faults[0],))
    return findings


def _examine(
    sounds: list[Any], decoder: Decoder, digest: FlacDigest | None, *, fast: bool, limits: MediaLimits
) -> Findings:
    facts = _header_facts(sounds, decoder)
    if faults := tuple(sound_limit_faults(facts, limits)):
        return Findings(facts, faults)
    if fast:
        return Findings(facts)
    tally = SampleTally(sounds[0].channels, sounds[0].samplerate)
    try:
        for block in chain.from_iterable(map(_blocks, sounds)):
            tally.add(block)
            if digest is not None:
                digest.add(block)
            if tally.duration_s > limits.max_duration_s:
                break
    except soundfile.LibsndfileError as error:
        found = f"after {tally.samples} samples: {error}"
        return Findings(facts | tally.facts(), (make_fault(Code.MEDIA_UNREADABLE, found),))
    facts |= tally.facts()
    faults = tuple(
        _length_faults(facts["declared_duration_s"], slack_samples(sounds[0]) / sounds[0].samplerate, tally, limits)
    ) or tuple(_digest_faults(digest))
    faults += tuple(sample_faults(facts))
    return Findings({**facts, "decoded": not faults or faults[0].severity == "warning"}, faults)


def _header_facts(sounds: list[Any], decoder: Decoder) -> dict[str, Any]:
    sound = sounds[0]
    declared = sum(each.frames for each in sounds) / sound.samplerate if decoder.knows_length else None
    return {
        "kind": "audio",
        "codec": sound.subtype.lower(),
        "channels": sound.channels,
        "sample_rate_hz": sound.samplerate,
        "declared_duration_s": declared,
        "duration_s": declared,
    }


def read_blocks(content: bytes, form: FileFormat) -> Iterator[NDArray[np.float32]]:
    """Yield the samples of a sound that libsndfile reads, as blocks of shape (n_samples, n_channels) used again.

    Raises:
        soundfile.LibsndfileError: It does not read it.
    """
    with open_sounds(content, form) as sounds:
        yield from chain.from_iterable(map(_blocks, sounds))


def _blocks(sound: Any) -> Iterator[NDArray[np.float32]]:
    """Yield as many samples as the header declares, in memory used again; some codecs pad their last block."""
    block = np.empty((min(BLOCK_SAMPLES, max(1, sound.frames)), sound.channels), np.float32)
    left = sound.frames
    while left > 0 and len(part := sound.read(out=block[:left], always_2d=True)):
        yield part
        left -= len(part)


def _length_faults(
    declared_s: float | None, slack_s: float, tally: SampleTally, limits: MediaLimits
) -> Iterator[Fault]:
    if tally.duration_s > limits.max_duration_s:
        yield make_fault(Code.MEDIA_TOO_LARGE, f"lasts longer than {limits.max_duration_s:g} s")
    elif declared_s is not None and tally.duration_s < declared_s - slack_s:
        found = f"declares {declared_s:.3f} s and holds {tally.duration_s:.3f} s"
        yield make_fault(Code.MEDIA_TRUNCATED, found)
    elif tally.samples == 0:
        yield make_fault(Code.MEDIA_DURATION_ZERO, "holds no sample")


def _digest_faults(digest: FlacDigest | None) -> Iterator[Fault]:
    """Frames that drop out, double or change places leave every checksum of a FLAC file as it was, but not this one."""
    if digest is not None and not digest.agrees:
        hint = "deliver the file again; frames of it were lost, or its header was changed"
        yield make_fault(Code.MEDIA_UNREADABLE, "its samples are not those whose digest its header declares", hint)


def _cause_of_damage(content: bytes, form: FileFormat, decoder: Decoder, limits: MediaLimits) -> Fault | None:
    """FFmpeg goes on where libsndfile gives up, and so can tell whether the end was lost."""
    faults = examine_streams(content, form, fast=False, limits=limits, knows_length=decoder.knows_length).faults
    return next((fault for fault in faults if fault.code == Code.MEDIA_TRUNCATED), None)


def _with_count(declared: int | None, findings: Findings) -> Findings:
    """Add a fault where fewer or more samples were decoded than a header counts to the last one."""
    held = findings.facts.get("samples", declared)
    if findings.is_refused or held == declared or declared is None:
        return findings
    code = Code.MEDIA_TRUNCATED if held < declared else Code.MEDIA_DURATION_MISMATCH
    fault = make_fault(code, f"declares {declared:,} samples and holds {held:,}")
    facts = {**findings.facts, "decoded": fault.severity == "warning"}
    return Findings(facts, (fault, *findings.faults))


def _second_opinion(refusal: str, findings: Findings) -> Findings:
    """Keep FFmpeg's findings; where it knows no more than libsndfile, let libsndfile say why."""
    if findings.facts.get("codec") is None and "unimplemented format" in refusal:
        fault = make_fault(Code.MEDIA_FORMAT_UNSUPPORTED, "its samples have a form no decoder here reads")
        return Findings(findings.facts, (fault,))
    return findings
