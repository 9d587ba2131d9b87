"""WAV, AIFF and AU files whose headers declare more or less than is there, and texts in odd places of them."""

import io
import struct
import time

import numpy as np
import pytest
import soundfile

from assurai_datasets.media import clean_media, probe_media

SECRET = b"secret-of-hong"


def samples_of(content):
    return soundfile.read(io.BytesIO(content))[0]


def assert_clean(dirty, secret=SECRET):
    cleaned, removed = clean_media(dirty)
    assert secret in dirty
    assert removed
    assert secret not in cleaned
    assert clean_media(cleaned) == (cleaned, ())
    assert np.array_equal(samples_of(dirty), samples_of(cleaned))
    return cleaned, set(removed)


def chunk(order, name, body):
    return name + struct.pack(f"{order}I", len(body)) + body + bytes(len(body) % 2)


def with_size(content, name, size, order):
    """Declare another size for a chunk, and for the whole where it is a placeholder."""
    at = content.index(name) + 4
    content = content[:at] + struct.pack(f"{order}I", size) + content[at + 4 :]
    return content if 0 < size < 0x7F000000 else content[:4] + struct.pack(f"{order}I", size) + content[8:]


def with_chunks(content, *chunks, order="<"):
    grown = content[8:] + b"".join(chunk(order, *each) for each in chunks)
    return content[:4] + struct.pack(f"{order}I", len(grown)) + grown


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("form", "name", "order"), [("WAV", b"data", "<"), ("AIFF", b"SSND", ">")])
def test_sound_behind_a_header_that_declares_half_of_it_is_never_taken_for_metadata(form, name, order, seed, codes_of):
    file = io.BytesIO()
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, 20_000).astype(np.float32)
    soundfile.write(file, noise, 16_000, format=form)
    halved = with_size(file.getvalue(), name, 20_008, order)
    found = probe_media(halved)
    assert "media-duration-mismatch" in codes_of(found)
    assert clean_media(halved) == (halved, ())


@pytest.mark.parametrize(
    ("form", "name", "order", "sizes"),
    [
        ("WAV", b"data", "<", (0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0x80000024, 0xFFFFFFDB, 0xFFFFFFFF)),
        ("AIFF", b"SSND", ">", (0, 0x7F000008, 0xFFFFFFFF)),
    ],
)
def test_a_sound_of_no_declared_length_goes_on_to_the_end_of_the_file(make_sound, form, name, order, sizes, codes_of):
    plain = make_sound(form)
    for size in sizes:
        piped = with_size(plain, name, size, order)
        found = probe_media(piped)
        assert (codes_of(found), found.samples) == (["media-header-malformed"], 8000)
        assert clean_media(piped) == (piped, ())


def test_no_sample_of_a_wav_that_declares_no_bytes_is_metadata(make_sound, codes_of):
    piped = with_size(make_sound("WAV"), b"data", 0, "<")
    assert "media-header-malformed" in codes_of(probe_media(piped, fast=True))
    assert clean_media(piped) == (piped, ())


@pytest.mark.parametrize(("form", "name", "order"), [("WAV", b"data", "<"), ("AIFF", b"SSND", ">")])
def test_a_second_chunk_of_sound_is_a_fault(make_sound, form, name, order, codes_of):
    doubled = with_chunks(make_sound(form), (name, bytes(1000)), order=order)
    assert "media-duration-mismatch" in codes_of(probe_media(doubled))


def test_an_odd_chunk_without_its_padding_hides_no_tags(make_sound):
    odd = make_sound("WAV", subtype="PCM_U8", seconds=8001 / 16_000)[: 44 + 8001]
    cleaned, removed = assert_clean(odd + chunk("<", b"LIST", b"INFOINAM\x0e\0\0\0" + SECRET))
    assert removed == {"info"}
    assert cleaned.startswith(odd[:4])


@pytest.mark.parametrize(("form", "order"), [("WAV", "<"), ("AIFF", ">"), ("AU", ">")])
def test_text_behind_the_end_of_a_sound_goes(make_sound, form, order):
    plain = make_sound(form)
    cleaned, removed = assert_clean(plain + SECRET)
    assert (cleaned, removed) == (plain, {"trailing-data"})


@pytest.mark.parametrize("name", [b"JUNK", b"PAD ", b"FLLR", b"chna", b"smpl", b"cue ", b"inst"])
def test_text_in_chunks_that_stay_goes_from_a_wav(make_sound, name):
    body = bytes(36 if name == b"smpl" else 8) + SECRET
    assert len(assert_clean(with_chunks(make_sound("WAV"), (name, body)))[1]) == 1


def test_track_ids_and_empty_padding_stay_in_a_wav(make_sound):
    entry = struct.pack("<H", 1) + b"ATU_00000001" + b"AT_00010001_01" + b"AP_00010002" + b"\0"
    chunks = ((b"chna", struct.pack("<HH", 1, 1) + entry), (b"JUNK", bytes(28)), (b"smpl", bytes(36)))
    content = with_chunks(make_sound("WAV"), *chunks)
    assert clean_media(content) == (content, ())


def test_names_of_markers_go_from_an_aiff(make_sound):
    markers = struct.pack(">HHIB", 1, 1, 10, len(SECRET)) + SECRET + b"\0"
    _, removed = assert_clean(with_chunks(make_sound("AIFF"), (b"MARK", markers), order=">"))
    assert removed == {"marker-names"}


def as_aifc(content, name):
    """Make an AIFF one that names its coding."""
    at = content.index(b"COMM")
    text = bytes([len(name)]) + name + bytes((len(name) + 1) % 2)
    common = chunk(">", b"COMM", content[at + 8 : at + 26] + b"NONE" + text)
    whole = b"AIFC" + content[12:at] + common + content[at + 26 :]
    return b"FORM" + struct.pack(">I", len(whole)) + whole


def test_a_text_in_the_place_of_the_coding_goes_from_an_aifc(make_sound):
    plain = as_aifc(make_sound("AIFF"), b"not compressed")
    assert clean_media(plain) == (plain, ())
    assert assert_clean(as_aifc(make_sound("AIFF"), SECRET))[1] == {"coding-name"}


def test_an_aiff_that_declares_ten_times_its_samples_is_truncated(make_sound, codes_of):
    content = bytearray(make_sound("AIFF"))
    at = content.index(b"COMM") + 10
    content[at : at + 4] = struct.pack(">I", 80_000)
    assert codes_of(probe_media(bytes(content))) == ["media-truncated"]


@pytest.mark.parametrize("rate", [0, 1])
@pytest.mark.parametrize("form", ["WAV", "AIFF", "AU"])
def test_a_sample_rate_that_cannot_be_is_a_fault(make_sound, form, rate, codes_of):
    content = bytearray(make_sound(form))
    if form == "AIFF":
        at = content.index(b"COMM") + 16
        content[at : at + 10] = bytes.fromhex("3fff8000000000000000") if rate else bytes(10)
    else:
        at, order = (24, "<") if form == "WAV" else (16, ">")
        content[at : at + 4] = struct.pack(f"{order}I", rate)
    assert "media-header-malformed" in codes_of(probe_media(bytes(content)))


def test_a_remark_that_reaches_beyond_an_au_file_is_no_remark(make_sound):
    content = bytearray(make_sound("AU"))
    content[4:8] = struct.pack(">I", 0xFFFFFFF0)
    found = probe_media(bytes(content))
    assert (found.is_refused, found.private) == (True, ())


@pytest.mark.parametrize("count", [50_000, 1_000_000])
@pytest.mark.parametrize(("form", "order"), [("WAV", "<"), ("AIFF", ">")])
def test_a_million_chunks_cost_little_and_are_named_in_few_words(make_sound, form, order, count):
    names = b"".join(struct.pack(">4sI", b"%04x" % (index % 65_536), 0) for index in range(count))
    start = time.monotonic()
    found = probe_media(make_sound(form) + names)
    assert time.monotonic() - start < 5
    assert found.is_refused == (count > 100_000)
    assert all(len(fault.message) < 400 and fault.message.isprintable() for fault in found.faults)
    if count < 100_000:
        assert_clean(make_sound(form) + names, secret=b"0fff")
