"""Whether the media of instances are there, are what they claim, and can be decoded whole."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import orjson

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files import Folder, kind_of
from assurai_datasets.formats.intake import DeliveryEntry, Intake, Place
from assurai_datasets.media import MediaTask, PreparedMedia, prepare_in_workers
from assurai_datasets.media.file_formats import FORMATS
from assurai_datasets.media.findings import HINTS, LOCKED_HINT
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.media import MediaFile, MediaKind
from assurai_datasets.schema.texts import mentions_of
from assurai_datasets.validation.places import issue_at

MEDIA_SUFFIXES = frozenset(
    suffix for form in FORMATS.values() if form.support != "unsupported" for suffix in form.extensions
)
MEDIA_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio")
KEPT_HINT = "clean it, or build without --no-clean"
_INSTEAD = {
    "missing": "",
    "folder": ": it is a folder",
    "special": ": it is a pipe, a socket or a device, and no regular file",
}
Advance = Callable[[int, int], None]


class MediaChecks(NamedTuple):
    """How media are checked.

    Attributes:
        fast: Read only headers instead of decoding every frame and sample.
        clean: Write the media that carry private metadata without it, to be packed in their place; False where they are
            to be packed as they are, None where none are packed.
        workers: Processes that decode.
        advance: Called with the number of media done and of all.
    """

    fast: bool = False
    clean: bool | None = None
    workers: int = 1
    advance: Advance | None = None


class _Use(NamedTuple):
    """One mention of a medium by an instance, with the path as it is spelt there."""

    place: Place
    instance_id: str
    modality: str
    field: str
    path: str
    sha256: str | None


class _Medium(NamedTuple):
    """One file of a delivery, and every mention of it."""

    delivery: int
    file: Path
    uses: tuple[_Use, ...]

    @property
    def spellings(self) -> tuple[str, ...]:
        """The paths by which instances name the file, sorted."""
        return tuple(sorted({use.path for use in self.uses}))


def check_media(intake: Intake, checks: MediaChecks) -> Iterator[Issue]:
    """Yield the issues of media; what is learnt of each one is kept in the intake.

    Each medium is read once, in worker processes, whatever the number of instances that mention it.
    """
    for entry in intake.deliveries:
        folder = Folder(entry.root)
        uses: defaultdict[Path, list[_Use]] = defaultdict(list)
        for same in _by_path(_uses(intake, entry.number, "entering")):
            where = _locate(folder, same)
            if isinstance(where, Path):
                uses[where] += same
            else:
                yield from where
        found = [_Medium(entry.number, file, tuple(uses.pop(file))) for file in list(uses)]
        yield from _examined(intake, found, checks)
        yield from _unreferenced(intake, entry, folder)


def _uses(intake: Intake, delivery: int, table: Literal["entering", "instances"]) -> Iterator[_Use]:
    """Yield each mention of a medium by entering or all instances of a delivery."""
    rows = intake.select(
        f"SELECT id, modality, file, line, body FROM {table} WHERE delivery = ?"  # noqa: S608  our names
        " AND (json_extract(body, '$.media') IS NOT NULL OR json_extract(body, '$.responses') IS NOT NULL)"
        " ORDER BY file, line",
        (delivery,),
    )
    for instance_id, modality, file, line, body in rows:
        for field, media in mentions_of(orjson.loads(body)):
            place = Place(delivery, file, line)
            yield _Use(place, instance_id, modality, field, media["path"], media.get("sha256"))


def _by_path(uses: Iterable[_Use]) -> Iterator[list[_Use]]:
    """Yield the mentions that spell a path the same, by path."""
    found: defaultdict[str, list[_Use]] = defaultdict(list)
    for use in uses:
        found[use.path].append(use)
    for path in sorted(found):
        yield found.pop(path)


def _locate(folder: Folder, uses: list[_Use]) -> Path | list[Issue]:
    """Return the file that is named the same in some mentions, or an issue for each of them."""
    path = uses[0].path
    try:
        file = folder.resolve(path)
    except PathEscapesError as error:
        return [_issue(use, Code.MEDIA_PATH_ESCAPES, str(error), error.hint, "path") for use in uses]
    kind = kind_of(file)
    if kind == "file":
        return file
    if kind == "locked":
        code, message, hint = Code.MEDIA_UNREADABLE, f"{path!r}: Permission denied", LOCKED_HINT
    else:
        message = f"there is no file {path!r}{_INSTEAD[kind]}"
        code, hint = Code.MEDIA_FILE_MISSING, HINTS[Code.MEDIA_FILE_MISSING]
    return [_issue(use, code, message, hint, "path") for use in uses]


def _examined(intake: Intake, found: list[_Medium], checks: MediaChecks) -> Iterator[Issue]:
    spools = [intake.folder / f"medium-{medium.delivery}-{number}" for number, medium in enumerate(found)]
    tasks = (
        MediaTask(medium.file, _expected(medium), medium.spellings[0], spool if checks.clean else None, checks.fast)
        for medium, spool in zip(found, spools, strict=True)
    )
    prepared = prepare_in_workers(tasks, workers=checks.workers)
    for done, (medium, spool, outcome) in enumerate(zip(found, spools, prepared, strict=True), start=1):
        for path in medium.spellings:
            intake.add_medium(medium.delivery, path, _facts(outcome, spool) | {"spelt": medium.spellings[0]})
        yield from _judged(medium, outcome, clean=checks.clean)
        if checks.advance is not None:
            checks.advance(done, len(found))


def _facts(prepared: PreparedMedia, spool: Path) -> dict[str, object]:
    """Return what the later stages need to know of a medium, as JSON values."""
    file = prepared.media_file
    return {
        "sha256": prepared.cleaned_sha256 or file.sha256,
        "delivered_sha256": file.sha256,
        "modality": file.kind,
        "cleaned_path": str(spool) if prepared.cleaned_sha256 else None,
        "removed": list(prepared.removed),
        "file": file.model_dump(mode="json", exclude_none=True, exclude={"faults"}),
    }


def _expected(medium: _Medium) -> MediaKind | None:
    """Return the modality a medium must have: that of an instance it is shown with, any if models made it."""
    inputs = [use.modality for use in medium.uses if use.field == "media"]
    return next((kind for kind in MEDIA_KINDS if kind in inputs), None)


def _judged(medium: _Medium, prepared: PreparedMedia, *, clean: bool | None) -> Iterator[Issue]:
    file = prepared.media_file
    for use in medium.uses:
        for code, message, hint in (*_common_faults(use, file), *_kind_faults(use, file)):
            said = KEPT_HINT if code is Code.MEDIA_METADATA_PRIVATE and clean is False else hint
            yield _issue(use, code, f"{use.path!r}: {message}", said, "path")
        if use.sha256 is not None and file.sha256 is not None and use.sha256 != file.sha256:
            message = f"{use.path!r} has the digest {file.sha256}, and {use.sha256} is declared"
            yield _issue(use, Code.MEDIA_DIGEST_MISMATCH, message, "deliver the file that was meant", "sha256")


def _common_faults(use: _Use, file: MediaFile) -> Iterator[tuple[Code, str, str]]:
    """Yield what is wrong with a file whoever mentions it; that it moves is right where a video is wanted."""
    passed = {Code.MEDIA_MODALITY_MISMATCH, *([Code.MEDIA_ANIMATED] if _wants_video(use) else [])}
    for fault in file.faults:
        if fault.code not in passed:
            yield fault.code, fault.message, fault.hint


def _kind_faults(use: _Use, file: MediaFile) -> Iterator[tuple[Code, str, str]]:
    """Yield whether a file is of another kind than the instance it is shown with; for another it may be right."""
    if use.field == "media" and file.kind not in (None, use.modality):
        message = f"the content is {file.format}, {file.kind}, not {use.modality}"
        moves = any(fault.code is Code.MEDIA_ANIMATED for fault in file.faults)
        hint = "convert it to MP4" if moves and _wants_video(use) else HINTS[Code.MEDIA_MODALITY_MISMATCH]
        yield Code.MEDIA_MODALITY_MISMATCH, message, hint


def _wants_video(use: _Use) -> bool:
    return use.field == "media" and use.modality == "video"


def _unreferenced(intake: Intake, entry: DeliveryEntry, folder: Folder) -> Iterator[Issue]:
    paths = {use.path for use in _uses(intake, entry.number, "instances")}
    mentioned = {_resolved(folder, path) for path in paths}
    for name in folder.names():
        if Path(name).suffix.lower() in MEDIA_SUFFIXES and (_resolved(folder, name) or name) not in mentioned:
            message, hint = "no instance mentions this file", "mention it, or leave it out of the delivery"
            yield make_issue(Code.MEDIA_UNREFERENCED, message, hint, file=f"{entry.prefix}{name}")


def _resolved(folder: Folder, name: str) -> Path | None:
    try:
        return folder.resolve(name)
    except PathEscapesError:  # a file of a name that no instance may give
        return None


def _issue(use: _Use, code: Code, message: str, hint: str, part: str) -> Issue:
    return issue_at(use.place, code, message, hint, instance_id=use.instance_id, field=f"{use.field}.{part}")
