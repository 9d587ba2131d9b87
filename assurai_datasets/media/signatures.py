"""What a file is, told from its first bytes and never from its name."""

import re
from collections.abc import Callable

from assurai_datasets.media.file_formats import FORMATS, FileFormat

HEAD_BYTES = 4096
"""As many first bytes as `sniff` and `describe_content` look at."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b".snd", "au"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg2000"),
    (0, b"\xff\x4f\xff\x51", "jpeg2000"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "jpegxl"),
    (0, b"\xff\x0a", "jpegxl"),
    (0, b"8BPS", "psd"),
    (0, b"\0\0\1\0", "ico"),
    (0, b"\0\0\2\0", "ico"),
    (0, b"DDS ", "dds"),
    (0, b"BLP1", "blp"),
    (0, b"BLP2", "blp"),
    (0, b"\x01\xda", "sgi"),
    (0, b"DanM", "msp"),
    (0, b"LinS", "msp"),
    (0, b"v/1\x01", "exr"),
    (0, b"#?RADIANCE", "hdr"),
    (0, b"gimp xcf", "gimp"),
    (0, b"GIMP Palette", "gimp"),
    (4, b"\x11\xaf", "fli"),
    (4, b"\x12\xaf", "fli"),
    (0, b"caff", "caf"),
    (0, b"riff\x2e\x91\xcf\x11", "w64"),
    (0, b"#!AMR", "amr"),
    (0, b"MThd", "midi"),
    (0, b"MAC ", "ape"),
    (0, b"wvpk", "wavpack"),
    (0, b"\x0b\x77", "ac3"),
    (0, b"NIST_1A", "sphere"),
    (0, b"TTA1", "tta"),
    (0, b"Creative Voice File", "voc"),
    (0, b"\x7f\xfe\x80\x01", "dts"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"FLV\x01", "flv"),
    (0, b"\0\0\1\xba", "mpegps"),
    (0, b"\0\0\1\xb3", "mpegps"),
    (0, b".RMF", "realmedia"),
)
_RIFF = {b"WAVE": "wav", b"WEBP": "webp", b"AVI ": "avi"}
_FORM = {b"AIFF": "aiff", b"AIFC": "aiff", b"8SVX": "8svx"}
_BRANDS = {
    b"qt  ": "mov",
    b"M4A ": "m4a",
    b"M4B ": "m4a",
    b"M4P ": "m4a",
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"hevc": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
    b"jp2 ": "jpeg2000",
}
_FIRST_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp", b"uuid"})
_MAX_BOXES = 64
"""Among as many boxes at the beginning the one that names the brand is looked for."""
_KEPT = 0xFC
"""The bits of a frame's third byte that all frames of a row have in common: bit rate and sample rate, where free."""
_SHARED_BRANDS = frozenset({b"mif1", b"msf1", b"miaf", b"MA1A", b"MA1B"})
"""Brands of still pictures in several codecs, which a compatible brand names."""
_TEXTS: tuple[tuple[bytes, str], ...] = (
    (rb"version https://git-lfs", "a Git LFS pointer, not the file it points to"),
    (rb"\s*(<!doctype html|<html|<head|<body)", "an HTML page"),
    (rb"\s*<\?xml|\s*<[a-z]+[\s>]", "XML"),
    (rb"\s*#EXTM3U|ffconcat", "a playlist"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"%PDF", "a PDF document"),
    (rb"\x1f\x8b", "a gzip archive"),
    (rb"7z\xbc\xaf", "a 7z archive"),
    (rb"Rar!", "a RAR archive"),
    (rb"\x7fELF|MZ", "a program"),
    (rb"\s*[\[{]", "JSON or text"),
)


def sniff(head: bytes) -> FileFormat | None:
    """Return the format that the first bytes of a file show, or None where they show none.

    Args:
        head: At least the first 4 KiB, or better the whole file.
    """
    for rule in _RULES:
        if (name := rule(head)) is not None:
            return FORMATS[name]
    return None


def describe_content(head: bytes) -> str:
    """Return in words what bytes of no media format seem to be."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    for pattern, words in _TEXTS:
        if re.match(pattern, head, re.IGNORECASE):
            return words
    if not head.strip(b"\0"):
        return "nothing but zero bytes"
    printable = sum(byte >= 0x20 or byte in b"\t\n\r" for byte in head)
    return "text" if printable == len(head) else "of no known media format"


def _magic(head: bytes) -> str | None:
    return next((name for offset, magic, name in _MAGIC if head.startswith(magic, offset)), None)


def _riff(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _RIFF.get(head[8:12])
    return _FORM.get(head[8:12]) if head[:4] == b"FORM" else None


def _boxes(head: bytes) -> str | None:
    if head[4:8] != b"ftyp" and head[4:8] not in _FIRST_BOXES:
        return None
    at = brand_at(head)
    if at is None:
        return "mov"
    size = int.from_bytes(head[at : at + 4], "big")
    brand, listed = head[at + 8 : at + 12], head[at + 16 : at + min(size, HEAD_BYTES)]
    compatible = {listed[place : place + 4] for place in range(0, len(listed), 4)}
    if brand in _SHARED_BRANDS and not {b"avif", b"avis"}.isdisjoint(compatible):
        return "avif"
    if brand[:2] == b"3g":
        return "3gp"
    return _BRANDS.get(brand, "mp4")


def brand_at(head: bytes) -> int | None:
    """Return where the box stands in which an MP4 or MOV names its brand; None where it has none."""
    at = 0
    for _ in range(_MAX_BOXES):
        kind, size = head[at + 4 : at + 8], int.from_bytes(head[at : at + 4], "big")
        if kind == b"ftyp":
            return at
        at += int.from_bytes(head[at + 8 : at + 16], "big") if size == 1 else size
        if kind not in _FIRST_BOXES or size == 0 or at >= len(head):
            return None
    return None


def _matroska(head: bytes) -> str | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "webm" if re.search(rb"\x42\x82.{1,8}webm", head[:256], re.DOTALL) else "mkv"


def _bmp(head: bytes) -> str | None:
    known = int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)
    return "bmp" if head[:2] == b"BM" and known else None


def _transport_stream(head: bytes) -> str | None:
    return "mpegts" if head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G" else None


def _mpeg_audio(head: bytes) -> str | None:
    if head[:3] == b"ID3":
        behind = _behind_tag(head)
        return "flac" if behind.startswith(b"fLaC") else "aac" if _is_adts(behind) else "mp3"
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if _is_adts(head):
        return "aac"
    layer, bit_rate, rate = head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    sound = head[1] & 0xE0 == 0xE0 and head[1] >> 3 & 3 != 1 and layer and bit_rate != 15 and rate != 3
    return "mp3" if sound and (bit_rate or _has_free_frames(head)) else None


def _is_adts(head: bytes) -> bool:
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def _has_free_frames(head: bytes) -> bool:
    """Return whether two more frames of a free bit rate follow, as far from each other as from the first."""
    same = [match.start() for match in re.finditer(re.escape(head[:2]), head[:HEAD_BYTES])]
    starts = {at for at in same if at + 2 < len(head) and head[at + 2] & _KEPT == head[2] & _KEPT}
    return any(2 * start + padding in starts for start in starts if start for padding in (-1, 0, 1))


def _behind_tag(head: bytes) -> bytes:
    """What follows an ID3 tag, which some programs put before a FLAC or AAC file."""
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
    return head[10 + size : 14 + size]


def _svg(head: bytes) -> str | None:
    return "svg" if re.match(rb"(\xef\xbb\xbf)?\s*(<\?xml.{0,1000}?)?\s*<svg[\s>]", head, re.DOTALL) else None


def _netpbm(head: bytes) -> str | None:
    return "netpbm" if re.match(rb"P[1-7Ff][ \t\r\n]|P7 332\n", head) else None


_RULES: tuple[Callable[[bytes], str | None], ...] = (
    _boxes,  # before the magic numbers: the size of its first box may look like one
    _magic,
    _riff,
    _matroska,
    _bmp,
    _mpeg_audio,
    _transport_stream,
    _svg,
    _netpbm,
)
