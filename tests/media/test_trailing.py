"""Private bytes behind the last frame, in padding and between the data: where nothing refers to them."""

import io
import struct
import time

import av
import numpy as np
import pytest

from assurai_datasets.media import clean_media
from assurai_datasets.media.containers import survey
from assurai_datasets.media.containers.ebml import elements
from assurai_datasets.media.containers.stretches import is_text
from assurai_datasets.media.containers.survey import Edit, Survey
from assurai_datasets.schema.codes import Code

NAME = "홍길동 서울시 마포구 010"
SECRETS = {
    "ascii": b"Hong Gildong, Seoul",
    "utf-8": NAME.encode(),
    "cp949": NAME.encode("cp949"),
    "utf-16": NAME.encode("utf-16-le"),
    "binary": bytes([200, 7, 3, 99, 250, 1, 77, 33] * 4),
    "short": b"Hong",
}
each_secret = pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)


def assert_clean(dirty, secret):
    cleaned, removed = clean_media(dirty)
    assert secret in dirty
    assert removed
    assert secret not in cleaned
    assert clean_media(cleaned) == (cleaned, ())
    return cleaned, set(removed)


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def with_size(content, at, added):
    """Let the chunk at a place declare as many bytes more."""
    (size,) = struct.unpack_from("<I", content, at + 4)
    return content[: at + 4] + struct.pack("<I", size + added) + content[at + 8 :]


def with_chunk(avi, body):
    return with_size(avi + body, 0, len(body))


def with_data_chunk(avi, body):
    """Put a chunk behind the last one in the list of data of an AVI file."""
    at = avi.index(b"movi") - 8
    (size,) = struct.unpack_from("<I", avi, at + 4)
    place = at + 8 + size
    return with_size(with_size(avi[:place] + body + avi[place:], at, len(body)), 0, len(body))


@pytest.fixture
def avi(make_clip):
    return make_clip("avi", audio="mp3", frames=12)


def test_an_avi_that_programs_write_stays_byte_for_byte(avi):
    assert b"JUNK" in avi
    assert clean_media(avi) == (avi, ())


@each_secret
def test_padding_of_an_avi_is_emptied(avi, secret):
    cleaned, removed = assert_clean(with_chunk(avi, chunk(b"JUNK", secret)), secret)
    assert (cleaned[: len(avi)][8:], removed) == (avi[8:], {"padding"})
    at = avi.index(b"JUNK") + 8
    assert assert_clean(avi[:at] + secret + avi[at + len(secret) :], secret)[1] == {"padding"}


def test_padding_of_an_avi_that_names_a_program_stays(avi):
    content = with_chunk(avi, chunk(b"JUNK", b"Lavf62.3.100"))
    assert clean_media(content) == (content, ())


@each_secret
@pytest.mark.parametrize("name", [b"JUNK", b"abcd", b"07dc", b"LIST"])
def test_chunks_among_the_data_of_an_avi_that_belong_to_no_stream_are_emptied(avi, name, secret):
    body = chunk(b"LIST", b"rec " + chunk(b"junk", secret)) if name == b"LIST" else chunk(name, secret)
    cleaned, removed = assert_clean(with_data_chunk(avi, body), secret)
    assert removed == ({"padding"} if name in (b"JUNK", b"LIST") else {name.decode()})
    assert len(cleaned) == len(avi) + len(body)


def test_a_million_chunks_among_the_data_of_an_avi_cost_little(avi):
    content = with_data_chunk(avi, chunk(b"00dc", b"") * 1_000_000)
    assert survey(content, "avi").faults == ()
    endless = survey(with_data_chunk(avi, chunk(b"00dc", b"") * 3_000_001), "avi")
    assert endless.is_endless


def test_bytes_among_the_data_of_an_avi_that_are_no_chunk_are_a_fault(avi):
    found = survey(with_data_chunk(avi, bytes(8) + b"Hong Gildong"), "avi")
    assert [fault.message for fault in found.faults] == ["12 bytes among its data belong to no chunk"]


@each_secret
def test_anything_behind_the_last_frame_of_an_mp3_goes(make_sound, make_picture, secret):
    plain = make_sound("MP3")
    for tail in (secret, bytes(3) + secret + bytes(2), make_picture() + secret):
        assert assert_clean(plain + tail, secret) == (plain, {"trailing-data"})


def test_frames_behind_stray_bytes_of_an_mp3_are_kept(make_sound):
    plain = make_sound("MP3", seconds=2.0)
    content = plain + b"\1\2\3stray" + plain[-len(plain) // 2 :]
    found = survey(content, "mp3")
    assert (found.private, [fault.code for fault in found.faults]) == ((), [Code.MEDIA_HEADER_MALFORMED])


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", ["WAV", "AIFF", "AU", "MP3"])
@pytest.mark.parametrize("text", [NAME, "Seoul, Hong Gildong", "저는 홍길동입니다. 오늘 촬영했습니다!"])
def test_plain_text_behind_a_sound_goes_in_any_encoding(make_sound, form, text, encoding):
    plain = make_sound(form)
    assert assert_clean(plain + text.encode(encoding), text.encode(encoding)) == (plain, {"trailing-data"})


def encoded(samples, form):
    """Samples as bytes, from -1 to 1."""
    if form == "u1":
        return (samples * 127 + 128).astype("u1").tobytes()
    if form[1] == "f":
        return samples.astype(form).tobytes()
    bits = 8 * int(form[2:])
    whole = (samples * ((1 << bits - 1) - 1)).astype(">i4" if form[0] == ">" else "<i4")
    each = whole.view("u1").reshape(-1, 4)
    return (each[:, 4 - bits // 8 :] if form[0] == ">" else each[:, : bits // 8]).tobytes()


@pytest.mark.parametrize("form", ["u1", "<i2", ">i2", "<i3", ">i3", "<i4", ">i4", "<f4", ">f4", "<f8"])
def test_no_samples_are_taken_for_text_in_korean_or_utf_16(form):
    random = np.random.default_rng(7)
    for _ in range(300):
        moments = np.arange(random.choice([8, 20, 40, 400])) / 16_000
        level, pitch = 10 ** random.uniform(-4, 0), 10 ** random.uniform(1, 3.8)
        tone, noise = np.sin(2 * np.pi * pitch * moments), random.uniform(-1, 1, len(moments))
        for samples in (tone, noise, np.sign(tone) + noise / 1000, np.ones(len(moments)), (1 + noise / 20) / 2):
            value = encoded(np.clip(level * samples, -1, 1), form)
            assert _is_utf8(value) or not is_text(value.rstrip(b"\0"))


def _is_utf8(value):
    try:
        return bool(value.decode())
    except UnicodeDecodeError:
        return False


FLACS = {
    "16 bits": {"subtype": "PCM_16"},
    "24 bits": {"subtype": "PCM_24", "channels": 2},
    "8 bits": {"subtype": "PCM_S8", "channels": 3},
    "one frame": {"seconds": 0.1},
    "silence": {"level": 0.0},
    "many frames": {"seconds": 40.0, "level": 0.01},
}


@each_secret
def test_anything_behind_the_last_frame_of_a_flac_goes(make_sound, make_picture, secret):
    plain = make_sound("FLAC")
    for tail in (secret, bytes(4) + secret, make_picture() + secret, plain + secret, secret + b"\xff\xf8" * 9):
        assert assert_clean(plain + tail, secret) == (plain, {"trailing-data"})


@pytest.mark.parametrize("options", FLACS.values(), ids=FLACS)
@pytest.mark.parametrize("is_known", [True, False])
def test_the_end_of_the_last_frame_of_a_flac_is_found_to_the_byte(make_sound, options, is_known):
    plain = make_sound("FLAC", **options)
    plain = plain if is_known else plain[:21] + bytes([plain[21] & 0xF0]) + bytes(4 + 16) + plain[42:]
    assert survey(plain, "flac") == survey(plain + bytes(9), "flac") == Survey()
    assert survey(plain + b"x", "flac").edits == (Edit(len(plain), len(plain) + 1),)


@pytest.mark.parametrize("kind", ["noise", "two tones", "full scale"])
@pytest.mark.parametrize("block", [192, 1152, 4608])
def test_the_end_of_a_flac_that_ffmpeg_writes_is_found(kind, block):
    random = np.random.default_rng(3)
    moments = np.arange(3 * block + 77)
    left = random.integers(-32_000, 32_000, len(moments)) if kind == "noise" else 12_000 * np.sin(moments / 9)
    right = left // 2 + 12_000 * np.sin(moments / 7) if kind == "two tones" else left
    samples = np.stack([left, np.sign(right) * 32_767 if kind == "full scale" else right], 1).astype(np.int16)
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=44_100, layout="stereo", options={"frame_size": str(block)})
        for start in range(0, len(samples), 1000):
            part = samples[start : start + 1000].reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="stereo")
            frame.sample_rate = 44_100
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    plain = file.getvalue()
    assert not survey(plain, "flac").faults
    assert survey(plain + b"x", "flac").edits[-1] == Edit(len(plain), len(plain) + 1)


def test_the_end_of_a_flac_whose_numbers_do_not_begin_at_zero_is_found(make_sound):
    plain = make_sound("FLAC", seconds=2.0)
    second = plain.index(b"\xff\xf8", plain.index(b"\xff\xf8") + 1000)
    while plain[second + 4] != 1:
        second = plain.index(b"\xff\xf8", second + 1)
    later = plain[:42] + plain[second:] if plain[4] & 0x80 else plain[: plain.index(b"\xff\xf8")] + plain[second:]
    assert survey(later + b"x", "flac").edits == (Edit(len(later), len(later) + 1),)


def test_a_flac_whose_last_frame_is_lost_or_damaged_says_so(make_sound):
    plain = make_sound("FLAC", seconds=2.0)
    cut = survey(plain[:-5], "flac")
    assert [fault.code for fault in cut.faults] == [Code.MEDIA_TRUNCATED]
    damaged = bytearray(plain + b"Hong Gildong")
    damaged[len(plain) - 1] ^= 1
    missing = plain[: len(plain) // 2] + b"Hong Gildong"
    none = plain[:500] + b"Hong Gildong" * 99
    malformed, truncated = Code.MEDIA_HEADER_MALFORMED, Code.MEDIA_TRUNCATED
    for content, code in ((bytes(damaged), malformed), (missing, truncated), (none, truncated)):
        found = survey(content, "flac")
        assert (found.edits, [fault.code for fault in found.faults]) == ((), [code])


@pytest.mark.parametrize("tail", [b"\xff\xf8" * 1_000_000, b"\xff\xf9\xc9\x08\0" * 400_000, b"\xff" * 4_000_000])
def test_what_looks_like_frames_behind_a_flac_costs_little(make_sound, tail):
    start = time.monotonic()
    assert survey(make_sound("FLAC") + tail, "flac").private == ("trailing-data",)
    assert time.monotonic() - start < 3


VOID, CLUSTER, SEGMENT, TRACK, PICTURE = 0xEC, 0x1F43B675, 0x18538067, 0xAE, 0xE0


def element(number, body):
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + (len(body) | 1 << 56).to_bytes(8, "big") + body


def with_element(content, inserted, *path):
    """Put an element behind the last one inside the last element on a path, and write all sizes on the way anew."""
    parts = list(elements(content, 0, len(content)))
    last = max((index for index, part in enumerate(parts) if part.id == path[0]), default=None)
    grown = [
        element(
            part.id,
            with_element(content[part.body : part.end], inserted, *path[1:])
            if path[1:]
            else content[part.body : part.end] + inserted,
        )
        if index == last
        else content[part.start : part.end]
        for index, part in enumerate(parts)
    ]
    return b"".join(grown)


@each_secret
@pytest.mark.parametrize("number", [VOID, 0x4DFF])
def test_elements_among_the_blocks_of_a_matroska_that_nobody_reads_are_emptied(make_clip, number, secret):
    plain = make_clip("matroska", frames=12, audio="mp3")
    dirty = with_element(plain, element(number, secret), SEGMENT, CLUSTER)
    _, removed = assert_clean(dirty, secret)
    assert removed == {"free-space" if number == VOID else "element-4dff"}


@pytest.mark.parametrize("path", [(0x1C53BB6B,), (0x114D9B74,), (0x1C53BB6B, 0xBB), (0x1654AE6B, TRACK, PICTURE)])
def test_an_empty_element_that_holds_anything_is_emptied_wherever_it_stands(make_clip, path):
    secret = SECRETS["cp949"]
    dirty = with_element(make_clip("matroska", frames=12), element(VOID, secret), SEGMENT, *path)
    assert assert_clean(dirty, secret)[1] == {"free-space"}


@pytest.mark.parametrize("number", [VOID, 0x42FE])
def test_elements_before_the_segment_that_nobody_reads_are_emptied(make_clip, number):
    secret = SECRETS["cp949"]
    plain, hidden = make_clip("matroska", frames=6), element(number, secret)
    at = plain.index(SEGMENT.to_bytes(4, "big"))
    for dirty in (plain[:at] + hidden + plain[at:], with_element(plain, hidden, 0x1A45DFA3)):
        assert assert_clean(dirty, secret)[1] == {"free-space" if number == VOID else "element-42fe"}


@pytest.mark.parametrize("options", [{}, {"live": "1"}, {"cluster_time_limit": "100"}])
def test_a_matroska_that_programs_write_stays_byte_for_byte(make_clip, options):
    content = make_clip("matroska", frames=24, audio="ac3", **options)
    assert clean_media(content) == (content, ())
    assert clean_media(content + element(VOID, bytes(9))) == (content + element(VOID, bytes(9)), ())


@each_secret
def test_anything_behind_the_segment_of_a_matroska_goes(make_clip, make_picture, secret):
    plain = make_clip("matroska", frames=6)
    for tail in (secret, element(VOID, secret), bytes(5) + secret, make_picture() + secret):
        assert assert_clean(plain + tail, secret) == (plain, {"trailing-data"})


def test_a_part_behind_the_end_that_a_segment_declares_is_a_fault_and_stays(make_clip):
    found = survey(make_clip("matroska", frames=6) + element(CLUSTER, bytes(9)), "mkv")
    assert (found.edits, [fault.code for fault in found.faults]) == ((), [Code.MEDIA_HEADER_MALFORMED])


def test_bytes_among_the_blocks_of_a_matroska_that_are_no_element_are_a_fault(make_clip):
    found = survey(with_element(make_clip("matroska", frames=6), bytes(9), SEGMENT, CLUSTER), "mkv")
    assert (found.edits, [fault.code for fault in found.faults]) == ((), [Code.MEDIA_HEADER_MALFORMED])


def test_a_million_blocks_of_a_matroska_cost_little(make_clip):
    plain = make_clip("matroska", frames=6)
    start = time.monotonic()
    assert not survey(with_element(plain, b"\xa3\x80" * 1_000_000, SEGMENT, CLUSTER), "mkv").faults
    assert survey(with_element(plain, b"\xa3\x80" * 3_100_000, SEGMENT, CLUSTER), "mkv").is_endless
    assert time.monotonic() - start < 15


def test_a_million_elements_around_the_segment_of_a_matroska_are_endless(make_clip):
    plain = make_clip("matroska", frames=6)
    at = plain.index(SEGMENT.to_bytes(4, "big"))
    empty = b"\xec\x80" * 1_000_000
    for content in (plain[:at] + empty + plain[at:], plain + empty):
        assert survey(content, "mkv").is_endless


def test_a_flac_with_more_lookalikes_of_a_next_frame_than_chance_makes_is_endless(make_sound):
    next_number = b"\x04"
    start = time.monotonic()
    found = survey(make_sound("FLAC", seconds=1.0) + (b"\xff\xf8\xc9\x18" + next_number) * 2_000_000, "flac")
    assert found.is_endless
    assert time.monotonic() - start < 3
