"""The structure of each format, read byte by byte: damage that decoders are silent about, and private metadata.

A reader is loaded when a file of its format is first looked at: worker processes start with those they need.
"""

from importlib import import_module

from assurai_datasets.media.containers.survey import Survey, Surveyor, apply_edits, collect

READERS = {
    "jpeg": ("jpeg", "survey_jpeg"),
    "png": ("png", "survey_png"),
    "gif": ("gif", "survey_gif"),
    "bmp": ("bmp", "survey_bmp"),
    "webp": ("webp", "survey_webp"),
    "tiff": ("tiff", "survey_tiff"),
    "avif": ("avif", "survey_avif"),
    "wav": ("wav", "survey_wav"),
    "aiff": ("aiff", "survey_aiff"),
    "au": ("au", "survey_au"),
    "flac": ("flac", "survey_flac"),
    "ogg": ("ogg", "survey_ogg"),
    "mp3": ("mp3", "survey_mp3"),
    "mp4": ("boxes", "survey_boxes"),
    "m4a": ("boxes", "survey_boxes"),
    "mov": ("boxes", "survey_boxes"),
    "3gp": ("boxes", "survey_boxes"),
    "webm": ("matroska", "survey_matroska"),
    "mkv": ("matroska", "survey_matroska"),
    "avi": ("riff", "survey_avi"),
}
"""By the name of a format: the module and the function that reads its structure."""


def survey(content: bytes, format_name: str) -> Survey:
    """Return what the structure of a file of a supported format tells."""
    if format_name not in READERS:
        return Survey()
    module, function = READERS[format_name]
    surveyor: Surveyor = getattr(import_module(f"{__name__}.{module}"), function)
    return collect(surveyor(content))


__all__ = ["READERS", "Survey", "apply_edits", "survey"]
