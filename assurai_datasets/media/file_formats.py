"""The media formats this package knows: which it takes, which it takes with a warning, and which it only recognises."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from assurai_datasets.schema.media import MediaKind

Support = Literal["supported", "discouraged", "unsupported"]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A file format or container.

    Attributes:
        name: Short name in lower case.
        kinds: What it may hold; a container's streams tell which.
        extensions: Endings that claim this format, with the dot.
        support: `supported`, `discouraged` (decodes here, but many readers do not know it) or `unsupported`.
        convert: What to convert it to, where it is not supported.
    """

    name: str
    kinds: "tuple[MediaKind, ...]"
    extensions: tuple[str, ...]
    support: Support = "supported"
    convert: str = ""


_AV: "tuple[MediaKind, ...]" = ("video", "audio")
_IMAGE: "tuple[MediaKind, ...]" = ("image",)
_AUDIO: "tuple[MediaKind, ...]" = ("audio",)
_VIDEO: "tuple[MediaKind, ...]" = ("video",)

FORMATS = {
    entry.name: entry
    for entry in (
        FileFormat("jpeg", _IMAGE, (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")),
        FileFormat("png", _IMAGE, (".png", ".apng")),
        FileFormat("webp", _IMAGE, (".webp",)),
        FileFormat("gif", _IMAGE, (".gif",)),
        FileFormat("avif", _IMAGE, (".avif", ".avifs")),
        FileFormat("tiff", _IMAGE, (".tif", ".tiff")),
        FileFormat("bmp", _IMAGE, (".bmp", ".dib")),
        FileFormat("wav", _AUDIO, (".wav", ".wave", ".rf64", ".bwf")),
        FileFormat("flac", _AUDIO, (".flac",)),
        FileFormat("ogg", _AV, (".ogg", ".oga", ".opus", ".ogv", ".ogx", ".spx")),
        FileFormat("mp3", _AUDIO, (".mp3", ".mpga", ".mp2")),
        FileFormat("aiff", _AUDIO, (".aif", ".aiff", ".aifc")),
        FileFormat("m4a", _AV, (".m4a", ".m4b", ".mp4")),
        FileFormat("mp4", _AV, (".mp4", ".m4v", ".m4a")),
        FileFormat("mov", _AV, (".mov", ".qt")),
        FileFormat("webm", _AV, (".webm", ".weba", ".mkv", ".mka")),
        FileFormat("mkv", _AV, (".mkv", ".mka", ".mk3d")),
        FileFormat("avi", _AV, (".avi",)),
        FileFormat("au", _AUDIO, (".au", ".snd"), "discouraged", "WAV or FLAC"),
        FileFormat("3gp", _AV, (".3gp", ".3g2", ".3gpp", ".mp4"), "discouraged", "MP4"),
        FileFormat("heic", _IMAGE, (".heic", ".heif"), "unsupported", "JPEG"),
        FileFormat("jpeg2000", _IMAGE, (".jp2", ".j2k", ".jpx", ".j2c"), "unsupported", "PNG"),
        FileFormat("jpegxl", _IMAGE, (".jxl",), "unsupported", "PNG or JPEG"),
        FileFormat("psd", _IMAGE, (".psd", ".psb"), "unsupported", "PNG"),
        FileFormat("ico", _IMAGE, (".ico", ".cur"), "unsupported", "PNG"),
        FileFormat("svg", _IMAGE, (".svg",), "unsupported", "PNG"),
        FileFormat("dds", _IMAGE, (".dds",), "unsupported", "PNG"),
        FileFormat("blp", _IMAGE, (".blp",), "unsupported", "PNG"),
        FileFormat("sgi", _IMAGE, (".sgi", ".rgb", ".bw"), "unsupported", "PNG"),
        FileFormat("msp", _IMAGE, (".msp",), "unsupported", "PNG"),
        FileFormat("netpbm", _IMAGE, (".pbm", ".pgm", ".ppm", ".pam", ".pnm", ".pfm", ".p7"), "unsupported", "PNG"),
        FileFormat("fli", _VIDEO, (".fli", ".flc"), "unsupported", "MP4"),
        FileFormat("exr", _IMAGE, (".exr",), "unsupported", "PNG"),
        FileFormat("hdr", _IMAGE, (".hdr",), "unsupported", "PNG"),
        FileFormat("gimp", _IMAGE, (".xcf", ".gpl", ".gbr"), "unsupported", "PNG"),
        FileFormat("aac", _AUDIO, (".aac",), "unsupported", "M4A"),
        FileFormat("caf", _AUDIO, (".caf",), "unsupported", "WAV or M4A"),
        FileFormat("w64", _AUDIO, (".w64",), "unsupported", "WAV or FLAC"),
        FileFormat("amr", _AUDIO, (".amr", ".awb"), "unsupported", "WAV or MP3"),
        FileFormat("midi", _AUDIO, (".mid", ".midi"), "unsupported", "WAV or MP3"),
        FileFormat("ape", _AUDIO, (".ape",), "unsupported", "FLAC"),
        FileFormat("wavpack", _AUDIO, (".wv",), "unsupported", "FLAC"),
        FileFormat("ac3", _AUDIO, (".ac3", ".eac3"), "unsupported", "M4A"),
        FileFormat("dts", _AUDIO, (".dts",), "unsupported", "FLAC or M4A"),
        FileFormat("tta", _AUDIO, (".tta",), "unsupported", "FLAC"),
        FileFormat("sphere", _AUDIO, (".sph", ".nist"), "unsupported", "WAV or FLAC"),
        FileFormat("voc", _AUDIO, (".voc",), "unsupported", "WAV"),
        FileFormat("8svx", _AUDIO, (".8svx", ".svx", ".iff"), "unsupported", "WAV"),
        FileFormat("asf", _AV, (".wmv", ".wma", ".asf"), "unsupported", "MP4 or M4A"),
        FileFormat("flv", _AV, (".flv",), "unsupported", "MP4"),
        FileFormat("mpegts", _AV, (".ts", ".m2ts", ".mts"), "unsupported", "MP4"),
        FileFormat("mpegps", _AV, (".mpg", ".mpeg", ".vob"), "unsupported", "MP4"),
        FileFormat("realmedia", _AV, (".rm", ".rmvb", ".ra"), "unsupported", "MP4 or MP3"),
    )
}
