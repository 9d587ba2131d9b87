"""Names of programs in metadata: which values name a well-known encoder, and nothing else."""

import re

_MOST_BYTES = 200
_NAME = re.compile(
    rb"lav[fc](?![a-z])|libav(?:if|format|codec)?|ffmpeg|x26[45]|lib(?:vorbis|opus|vpx|x264|flac|sndfile|theora|aom|ebml)"
    rb"|libmatroska|reference libflac|xiph\.?org|lame|opusenc|opus-tools|handbrake|gstreamer|mkvmerge|isomedia|gpac"
    rb"|google|chrome|whammy|matplotlib|pillow|imagemagick|graphicsmagick|(?:www\.)?inkscape|gimp"
    rb"|adobe (?:imageready|photoshop|lightroom)|aotuv|recorder|nero aac|quicktime|hevc|svt-av1|imageio|opencv",
    re.IGNORECASE,
)
_GAP = re.compile(rb"[\s.,:;/()\[\]+_%|-]+")
_PART = re.compile(
    rb"(?:lav[fc]|ffmpeg|x26[45]|lib(?:av\w{2,6}|x26[45]|vpx|aom|opus|opusenc|vorbis|theora|flac|mp3lame|webp|svtav1|ebml"
    rb"|matroska|xvid)|opusenc|opus|tools|gpac|google|lame|sf|handbrake|matplotlib|imagemagick|graphicsmagick|inkscape"
    rb"|lightroom|classic|aac|vorbis|flac|mp[34]|vp[89]|av1|avc|hevc|h26[345]|mpeg\d?|pcm|alac|amr|mjpeg|png|gif|jpeg"
    rb"|core|build|version|encoder|encoding|codecs?|coding|library|lib|iso|media|file|video|sound|audio|pict|handler"
    rb"|produced|created|with|from|by|on|in|inc|alpha|beta|rc|rev|release|git|master|dev|cc|cs|i|hdri|openmp|windows"
    rb"|macintosh|linux|macos|mac|win|os|unix|amd|arm|aarch|bits?|https?|www|legacy|com|org|net|html|reducing|environment"
    rb"|everywhere|omnipresent|schaufenugget|now|fewer|shells)?\d{0,8}"
    rb"|[a-z]?\d{1,10}(?:[a-z]{1,2}\d{0,3}|bits?)?"
    rb"|g?(?=[\da-f]*\d)(?=\d*[a-f])[\da-f]{7,40}",
    re.IGNORECASE,
)
"""A word that programs write about themselves, a version, or a commit."""
_NUMBER_OF_A_PERSON = re.compile(rb"\d{3,}-\d{3,}|\d{2,4}[ .]\d{3,4}[ .]\d{4}")
"""Telephone and identity numbers, which look like versions."""


def is_program(value: bytes) -> bool:
    """Return whether a tag's value only names a well-known encoder, which tells nothing about anyone.

    Behind the name may stand versions, architectures and a few known words; a long value is not looked at.
    """
    if len(value) > _MOST_BYTES:
        return False
    text = value.strip(b" \0")
    name = _NAME.match(text)
    if name is None or _NUMBER_OF_A_PERSON.search(text):
        return not text
    return all(_PART.fullmatch(part) for part in _GAP.split(text[name.end() :]))
