"""The structure of each format, read byte by byte: damage that decoders are silent about, and private metadata."""

from assurai_datasets.media.containers.aiff import survey_aiff
from assurai_datasets.media.containers.au import survey_au
from assurai_datasets.media.containers.avif import survey_avif
from assurai_datasets.media.containers.bmp import survey_bmp
from assurai_datasets.media.containers.boxes import survey_boxes
from assurai_datasets.media.containers.flac import survey_flac
from assurai_datasets.media.containers.gif import survey_gif
from assurai_datasets.media.containers.jpeg import survey_jpeg
from assurai_datasets.media.containers.matroska import survey_matroska
from assurai_datasets.media.containers.mp3 import survey_mp3
from assurai_datasets.media.containers.ogg import survey_ogg
from assurai_datasets.media.containers.png import survey_png
from assurai_datasets.media.containers.riff import survey_avi
from assurai_datasets.media.containers.survey import Survey, Surveyor, apply_edits, collect
from assurai_datasets.media.containers.tiff import survey_tiff
from assurai_datasets.media.containers.wav import survey_wav
from assurai_datasets.media.containers.webp import survey_webp

SURVEYORS: dict[str, Surveyor] = {
    "jpeg": survey_jpeg,
    "png": survey_png,
    "gif": survey_gif,
    "bmp": survey_bmp,
    "webp": survey_webp,
    "tiff": survey_tiff,
    "avif": survey_avif,
    "wav": survey_wav,
    "aiff": survey_aiff,
    "au": survey_au,
    "flac": survey_flac,
    "ogg": survey_ogg,
    "mp3": survey_mp3,
    "mp4": survey_boxes,
    "m4a": survey_boxes,
    "mov": survey_boxes,
    "3gp": survey_boxes,
    "webm": survey_matroska,
    "mkv": survey_matroska,
    "avi": survey_avi,
}


def survey(content: bytes, format_name: str) -> Survey:
    """Return what the structure of a file of a supported format tells."""
    surveyor = SURVEYORS.get(format_name)
    return collect(surveyor(content)) if surveyor is not None else Survey()


__all__ = ["SURVEYORS", "Survey", "apply_edits", "survey"]
