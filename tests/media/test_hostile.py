"""Files made to crash, stall or fill memory: each costs one task, bounded time and bounded memory."""

import io
import random
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from assurai_datasets.media import MediaLimits, MediaTask, prepare_in_workers, probe_media


@pytest.fixture
def slow_gif(tmp_path):
    """A few kilobytes that take a decoder many seconds: thousands of large pictures of nothing."""
    pictures = [Image.new("P", (3000, 3000), index % 2) for index in range(2)]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:])
    content = file.getvalue()
    first = content.index(b"\x2c", 13)
    body = content[first : content.rindex(b";")]
    (tmp_path / "slow.gif").write_bytes(content[:first] + body * 100 + b";")
    return tmp_path / "slow.gif"


@pytest.fixture
def large_tiff(tmp_path):
    """A sound picture whose pixels take 256 MB."""
    Image.new("F", (8000, 8000), 0.5).save(tmp_path / "large.tif", compression="tiff_adobe_deflate")
    return tmp_path / "large.tif"


def test_a_file_that_stalls_or_eats_memory_fails_alone(make_picture, slow_gif, large_tiff, tmp_path, codes_of):
    (tmp_path / "good.jpg").write_bytes(make_picture())
    paths = [tmp_path / "good.jpg", slow_gif, tmp_path / "good.jpg", large_tiff, tmp_path / "good.jpg"]
    start = time.monotonic()
    tasks = (MediaTask(path, "image") for path in paths)
    found = [each.media_file for each in prepare_in_workers(tasks, workers=1, timeout_s=1.5, memory_bytes=200 << 20)]
    assert [codes_of(file) for file in found[::2]] == [[], [], []]
    assert [codes_of(file) for file in found[1::2]] == [["media-decoder-failed"]] * 2
    assert "1.5 s" in found[1].faults[0].message
    assert "memory" in found[3].faults[0].message
    assert found[1].bytes == slow_gif.stat().st_size
    assert time.monotonic() - start < 60


def test_a_picture_that_declares_many_pixels_is_not_decoded(codes_of):
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    )
    assert codes_of(probe_media(b"\x89PNG\r\n\x1a\n" + chunks)) == ["media-too-large"]


@pytest.mark.parametrize("form", ["WEBP", "GIF", "TIFF", "BMP", "JPEG"])
def test_declared_sizes_are_held_against_the_limit_in_every_format(make_picture, form, codes_of):
    content = make_picture(form, size=(300, 200))
    assert "media-too-large" in codes_of(probe_media(content, limits=MediaLimits(max_pixels=50_000)))


def test_a_wav_that_declares_absurd_numbers_is_refused(make_sound):
    content = bytearray(make_sound())
    for at, value in ((22, 65_535), (24, 0xFFFFFFFF)):
        odd = content.copy()
        odd[at : at + (2 if at == 22 else 4)] = value.to_bytes(2 if at == 22 else 4, "little")
        assert probe_media(bytes(odd)).is_refused


def test_a_playlist_opens_no_other_file(tmp_path, make_clip):
    (tmp_path / "secret.mp4").write_bytes(make_clip())
    for text in (
        f"ffconcat version 1.0\nfile {tmp_path}/secret.mp4\n",
        f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.mp4\n",
    ):
        (tmp_path / "list.mp4").write_text(text, encoding="utf-8")
        found = probe_media(tmp_path / "list.mp4", expected="video")
        assert (found.kind, found.frames) == (None, None)
        assert found.is_refused


def mutate(content, seed):
    """Truncate, flip or splice a file, as the seed says."""
    chance = random.Random(seed)
    data = bytearray(content)
    match chance.randrange(3):
        case 0:
            del data[chance.randrange(len(data)) :]
        case 1:
            for _ in range(chance.choice((1, 4, 32))):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case _:
            start, length = chance.randrange(len(data)), chance.randrange(1, 64)
            target = chance.randrange(len(data))
            data[target:target] = data[start : start + length] * chance.choice((1, 3))
    return bytes(data)


def test_random_mutations_are_facts_or_faults_and_no_exception(make_picture, make_sound, make_clip):
    goods = [make_picture(form, size=(40, 30)) for form in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")]
    goods += [make_sound(form, seconds=0.1) for form in ("WAV", "FLAC", "OGG", "MP3", "AIFF", "AU")]
    goods += [make_clip("mp4", frames=6, size=(32, 32)), make_clip("matroska", frames=6, size=(32, 32))]
    for seed in range(300):
        content = mutate(goods[seed % len(goods)], seed)
        found = probe_media(content, name="any")
        assert found.bytes == len(content)
        assert found.faults or found.decoded


def test_samples_of_a_float_sound_beyond_full_scale_are_taken(codes_of):
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.full(1000, 7.5, np.float32), 8000, format="WAV", subtype="FLOAT")
    found = probe_media(file.getvalue())
    assert (found.peak, found.is_clipped, codes_of(found)) == (7.5, True, [])


@pytest.fixture
def bounded():
    """Run something, and say how long it took and how much memory it asked for at most."""
    import tracemalloc

    def run(function, *arguments):
        tracemalloc.start()
        start = time.monotonic()
        result = function(*arguments)
        taken, (_, peak) = time.monotonic() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert taken < 10
        assert peak < 100 << 20
        return result

    return run


def test_tags_that_all_name_the_whole_file_cost_little(bounded):
    size = 1 << 20
    entries = b"".join(struct.pack("<HHII", 270, 2, size, 0) for _ in range(4000))
    content = (struct.pack("<2sHIH", b"II", 42, 8, 4000) + entries + bytes(4)).ljust(size, b"\0")
    assert bounded(probe_media, content).is_refused


def test_directories_that_lie_in_each_other_cost_little(bounded):
    content = bytearray(struct.pack("<2sHI", b"II", 42, 8))
    for index in range(30_000):
        content += struct.pack("<HI", 0, 8 + 6 * (index + 1))
    assert bounded(probe_media, bytes(content)).is_refused


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def test_items_of_endless_empty_parts_cost_little(bounded):
    places = struct.pack(">HH", 0, 60_000) + struct.pack(">HHH", 1, 0, 65_535) * 60_000
    names = box(b"iinf", bytes(4), struct.pack(">H", 1), box(b"infe", b"\2\0\0\0", struct.pack(">HH4s", 1, 0, b"Exif")))
    content = box(b"ftyp", b"avif", bytes(4), b"avif") + box(b"meta", bytes(4), names, box(b"iloc", bytes(4), places))
    assert bounded(probe_media, content).is_refused


def test_samples_that_all_name_the_whole_file_cost_little(bounded, make_clip):
    plain = make_clip("mp4")
    runs = struct.pack(">I", 40_000) + b"".join(struct.pack(">III", index + 1, 1, 1) for index in range(40_000))
    tables = box(
        b"stbl",
        box(b"stsc", bytes(4), runs),
        box(b"stsz", bytes(4), struct.pack(">II", len(plain), 40_000)),
        box(b"stco", bytes(4), struct.pack(">I", 40_000), bytes(160_000)),
    )
    media = box(b"mdia", box(b"hdlr", bytes(8), b"meta", bytes(13)), box(b"minf", tables))
    track = box(b"trak", media)
    start = plain.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", plain, start)
    content = plain[:start] + struct.pack(">I", size + len(track)) + plain[start + 4 :] + track
    assert bounded(probe_media, content).bytes == len(content)


def test_an_element_that_declares_more_than_the_file_costs_little(bounded, make_clip):
    content = bytearray(make_clip("matroska", tags={"title": "a title"}))
    at = content.index(b"\x7b\xa9") + 2
    content[at : at + 8] = b"\x01\x0f\xff\xff\xff\xff\xff\xff"
    assert bounded(probe_media, bytes(content)).is_refused


def test_a_box_tree_without_end_costs_little(bounded):
    content = box(b"ftyp", b"isom", bytes(4), b"isom")
    inner = b""
    for _ in range(2000):
        inner = box(b"moov", inner)
    assert bounded(probe_media, content + inner).is_refused


def with_cover(clip, cover, kind):
    """The clip with a picture for its cover, which FFmpeg decodes while it opens the file unless it is told not to."""
    covers = box(b"covr", box(b"data", struct.pack(">II", kind, 0), cover))
    handler = box(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    tags = box(b"udta", box(b"meta", bytes(4), handler, box(b"ilst", covers)))
    start = clip.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", clip, start)
    assert start + size == len(clip)
    return clip[:start] + struct.pack(">I", size + len(tags)) + clip[start + 4 :] + tags


@pytest.mark.parametrize(("form", "kind"), [("PNG", 14), ("JPEG", 13)])
def test_no_pixel_of_a_cover_is_decoded(make_clip, make_picture, form, kind, codes_of):
    from assurai_datasets.media.signatures import sniff
    from assurai_datasets.media.streams import open_streams

    content = with_cover(make_clip("ipod", video=None, audio="aac"), make_picture(form, size=(600, 400)), kind)
    with open_streams(content, sniff(content)) as container:
        (cover,) = container.streams.video
        assert (cover.codec_context.width, cover.codec_context.height) == (0, 0)
    assert codes_of(probe_media(content, expected="audio")) == ["media-metadata-private"]


def test_covers_of_a_video_share_the_pixels_of_one_frame(make_clip, make_picture, codes_of, monkeypatch):
    from assurai_datasets.media.signatures import sniff
    from assurai_datasets.media.streams import open_streams

    content = with_cover(make_clip("mp4", size=(96, 64)), make_picture("PNG", size=(600, 400)), 14)
    monkeypatch.setattr("assurai_datasets.media.streams.UNTOLD_PIXELS", 1)
    for max_pixels, width in ((2 * 600 * 400, 600), (600 * 400, 0)):
        with open_streams(content, sniff(content), max_pixels=max_pixels) as container:
            assert [stream.codec_context.width for stream in container.streams.video] == [96, width]
    found = probe_media(content, expected="video")
    assert (found.width_px, found.frames, codes_of(found)) == (96, 24, ["media-metadata-private"])


def test_edits_are_made_with_one_copy_of_the_file():
    import tracemalloc

    from assurai_datasets.media.containers import apply_edits
    from assurai_datasets.media.containers.survey import Edit, blank

    content = bytes(20 << 20)
    tracemalloc.start()
    cleaned = apply_edits(content, (Edit(0, 4, b"ab"), blank(100, 200), Edit(len(content) - 8, len(content))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cleaned == b"ab" + content[4:-8]
    assert peak < 1.1 * len(content)


def png_chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def endless(make_picture, form):
    """A picture with some megabytes of the smallest parts its format has."""
    plain = make_picture(form)
    match form:
        case "PNG":
            return plain[:33] + png_chunk(b"tEXt", b"a\0b") * 200_000 + plain[33:]
        case "GIF":
            at = 13 + (3 << (plain[10] & 7) + 1)
            return plain[:at] + b"\x21\xfe\0" * 1_000_000 + plain[at:]
        case "JPEG":
            return plain[:2] + b"\xff\xfe\0\2" * 1_000_000 + plain[2:]
    body = plain[8:] + b"abcd\0\0\0\0" * 500_000
    return plain[:4] + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("form", ["PNG", "GIF", "JPEG", "WEBP"])
def test_a_picture_of_endless_parts_costs_little(make_picture, form, codes_of):
    content = endless(make_picture, form)
    start = time.monotonic()
    found = probe_media(content)
    assert "media-unreadable" in codes_of(found)
    assert len(found.private) < 19
    assert time.monotonic() - start < 5


def test_stray_bytes_between_endless_segments_cost_little(make_picture):
    plain = make_picture("JPEG")
    start = time.monotonic()
    assert probe_media(plain[:2] + b"\xff\xdd\0\4\0\0a" * 500_000 + plain[2:]).is_refused
    assert time.monotonic() - start < 5


def test_pixels_that_inflate_without_end_are_inflated_a_step_at_a_time(bounded):
    header = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    bomb = zlib.compress(bytes(100_000_000), 9)
    content = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", bomb) + png_chunk(b"IEND")
    assert bounded(probe_media, b"\x89PNG\r\n\x1a\n" + content).is_refused


def test_runs_that_go_nowhere_cost_little(bounded):
    header = struct.pack("<IiiHHIIiiII", 40, 100, 100, 1, 8, 1, 0, 0, 0, 2, 0) + bytes(8)
    content = b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + len(header)) + header + b"\0\2\0\0" * 1_000_000
    assert bounded(probe_media, content).is_refused


def test_pictures_of_nothing_but_clear_codes_cost_little(make_picture):
    plain = make_picture("GIF")
    clear_codes = int("100" * 8, 2).to_bytes(3, "little")
    blocks = (b"\xff" + clear_codes * 85) * 100
    pictures = (b"\x2c" + struct.pack("<HHHHB", 0, 0, 9, 9, 0) + b"\2" + blocks + b"\0") * 50
    start = time.monotonic()
    assert probe_media(plain[:-1] + pictures + b";", fast=True).bytes
    assert time.monotonic() - start < 10


def in_form(picture, form, **options):
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def gif_that_grows(draw):
    """A small picture, then two large ones."""
    small, large = (in_form(draw(size).convert("P"), "GIF") for size in ((8, 8), (400, 300)))
    return small[:-1] + 2 * large[large.index(b"\x2c", 781) : -1] + b";"


def tiff_that_grows(draw):
    return in_form(draw((8, 8)), "TIFF", save_all=True, append_images=[draw((400, 300)), draw((400, 300))])


@pytest.mark.parametrize("make", [gif_that_grows, tiff_that_grows])
def test_later_pictures_are_held_against_the_limits_too(draw, make, codes_of):
    content = make(draw)
    found = probe_media(content, limits=MediaLimits(max_pixels=100_000))
    assert codes_of(found) == ["media-animated", "media-too-large"]
    assert "picture 2 measures 400 x 300 pixels" in found.faults[1].message
    assert "media-too-large" in codes_of(probe_media(content, limits=MediaLimits(max_total_pixels=200_000)))
    assert codes_of(probe_media(content)) == ["media-animated"]
