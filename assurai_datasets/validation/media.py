"""Whether the media of instances are there, are what they claim, and can be decoded whole."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.execution import Outcome, run_in_workers
from assurai_datasets.files import Folder
from assurai_datasets.formats.intake import DeliveryEntry, Intake, Place
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.media import MediaKind
from assurai_datasets.validation.media_examination import Examination, MediaTask, examine
from assurai_datasets.validation.places import issue_at

MEDIA_SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".png",
        ".webp",
        ".gif",
        ".avif",
        ".tif",
        ".tiff",
        ".bmp",
        ".wav",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".m4a",
        ".aiff",
        ".aif",
        ".mp4",
        ".mov",
        ".webm",
        ".mkv",
        ".avi",
    ]
)
MEDIA_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio")
Advance = Callable[[int, int], None]
TIMEOUT_S = 120.0
MEMORY_BYTES = 2 << 30


class MediaChecks(NamedTuple):
    """How media are checked.

    Attributes:
        fast: Read only headers instead of decoding every frame and sample.
        workers: Processes that decode.
        advance: Called with the number of media done and of all.
    """

    fast: bool = False
    workers: int = 1
    advance: Advance | None = None


class _Use(NamedTuple):
    """One mention of a medium by an instance."""

    place: Place
    instance_id: str
    modality: str
    field: str
    sha256: str | None


class _Medium(NamedTuple):
    """One medium of a delivery, and every mention of it."""

    delivery: int
    path: str
    uses: tuple[_Use, ...]


def check_media(intake: Intake, checks: MediaChecks) -> Iterator[Issue]:
    """Yield the issues of media; what is learnt of each one is kept in the intake.

    Each medium is read once, in worker processes, whatever the number of instances that mention it.
    """
    for entry in intake.deliveries:
        found: list[tuple[_Medium, Path]] = []
        for medium in _media(intake, entry.number):
            where = _locate(Folder(entry.root), medium)
            if isinstance(where, Path):
                found.append((medium, where))
            else:
                yield from where
        yield from _examined(intake, found, checks)
        yield from _unreferenced(intake, entry)


def _media(intake: Intake, delivery: int) -> Iterator[_Medium]:
    """Yield each medium that instances of a delivery mention, by path."""
    uses: defaultdict[str, list[_Use]] = defaultdict(list)
    rows = intake.select(
        "SELECT id, modality, file, line, body FROM instances WHERE delivery = ?"
        " AND (json_extract(body, '$.media') IS NOT NULL OR json_extract(body, '$.responses') IS NOT NULL)"
        " ORDER BY file, line",
        (delivery,),
    )
    for instance_id, modality, file, line, body in rows:
        for field, media in _mentions(orjson.loads(body)):
            place = Place(delivery, file, line)
            uses[media["path"]].append(_Use(place, instance_id, modality, field, media.get("sha256")))
    for path in sorted(uses):
        yield _Medium(delivery, path, tuple(uses.pop(path)))


def _mentions(instance: dict[str, object]) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(media := instance.get("media"), dict):
        yield "media", media
    responses = instance.get("responses")
    for position, response in enumerate(responses if isinstance(responses, list) else ()):
        if "media" in response:
            yield f"responses.{position}.media", response["media"]


def _locate(folder: Folder, medium: _Medium) -> Path | list[Issue]:
    try:
        path = folder.resolve(medium.path)
    except PathEscapesError as error:
        hint = "name a file inside the delivery"
        return [_issue(use, Code.MEDIA_PATH_ESCAPES, str(error), hint, "path") for use in medium.uses]
    if not path.is_file():
        message, hint = f"there is no file {medium.path!r}", "deliver the file, or correct the path"
        return [_issue(use, Code.MEDIA_FILE_MISSING, message, hint, "path") for use in medium.uses]
    return path


def _examined(intake: Intake, found: list[tuple[_Medium, Path]], checks: MediaChecks) -> Iterator[Issue]:
    tasks = (MediaTask(path, _expected(medium), checks.fast) for medium, path in found)
    outcomes = run_in_workers(examine, tasks, workers=checks.workers, timeout_s=TIMEOUT_S, memory_bytes=MEMORY_BYTES)
    for done, ((medium, _), outcome) in enumerate(zip(found, outcomes, strict=True), start=1):
        yield from _judged(intake, medium, outcome)
        if checks.advance is not None:
            checks.advance(done, len(found))


def _expected(medium: _Medium) -> MediaKind | None:
    """Return the modality a medium must have: that of an instance it is shown with, any if models made it."""
    inputs = [use.modality for use in medium.uses if use.field == "media"]
    return next((kind for kind in MEDIA_KINDS if kind in inputs), None)


def _judged(intake: Intake, medium: _Medium, outcome: Outcome[Examination]) -> Iterator[Issue]:
    examination = outcome.value
    if examination is None:
        message = f"{medium.path!r} broke the decoder: {outcome.message}"
        hint = "export the file again with another program"
        yield from (_issue(use, Code.MEDIA_DECODER_FAILED, message, hint, "path") for use in medium.uses)
        return
    intake.add_medium(medium.delivery, medium.path, examination.facts())
    for use in medium.uses:
        for fault in examination.file.faults:
            yield _issue(use, fault.code, f"{medium.path!r}: {fault.message}", fault.hint, "path")
        if use.sha256 is not None and use.sha256 != examination.file.sha256:
            message = f"{medium.path!r} has the digest {examination.file.sha256}, and {use.sha256} is declared"
            yield _issue(use, Code.MEDIA_DIGEST_MISMATCH, message, "deliver the file that was meant", "sha256")


def _unreferenced(intake: Intake, entry: DeliveryEntry) -> Iterator[Issue]:
    mentioned = {medium.path for medium in _media(intake, entry.number)}
    for name in Folder(entry.root).names():
        if Path(name).suffix.lower() in MEDIA_SUFFIXES and name not in mentioned:
            message, hint = "no instance mentions this file", "mention it, or leave it out of the delivery"
            yield make_issue(Code.MEDIA_UNREFERENCED, message, hint, file=f"{entry.prefix}{name}")


def _issue(use: _Use, code: Code, message: str, hint: str, part: str) -> Issue:
    return issue_at(use.place, code, message, hint, instance_id=use.instance_id, field=f"{use.field}.{part}")
