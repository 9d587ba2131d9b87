"""What one annotator judges: an instance or one of its responses, without anything anybody said of it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files import Folder, kind_of, sha256_file
from assurai_datasets.formats.intake import Intake, Place, PlacedInstance
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.instance import Instance, Media, Response
from assurai_datasets.schema.issue import Issue, make_issue

Judge = Literal["responses", "instances"]
JUDGED: tuple[Judge, ...] = get_args(Judge)
MediumKind = Literal["image", "video", "audio"]
Answer = Literal["text", "image", "video", "audio"]
MEDIA_FOLDER = "media"
MEDIA_TYPES = MappingProxyType(
    {
        ".apng": "image/apng",
        ".avif": "image/avif",
        ".bmp": "image/bmp",
        ".gif": "image/gif",
        ".jpeg": "image/jpeg",
        ".jpg": "image/jpeg",
        ".png": "image/png",
        ".webp": "image/webp",
        ".m4v": "video/mp4",
        ".mov": "video/quicktime",
        ".mp4": "video/mp4",
        ".ogv": "video/ogg",
        ".webm": "video/webm",
        ".aac": "audio/aac",
        ".flac": "audio/flac",
        ".m4a": "audio/mp4",
        ".mp3": "audio/mpeg",
        ".oga": "audio/ogg",
        ".ogg": "audio/ogg",
        ".opus": "audio/ogg",
        ".wav": "audio/wav",
    }
)
"""Media type by the end of the name, for what browsers show and play."""
_KINDS: dict[str, MediumKind] = {"image": "image", "video": "video", "audio": "audio"}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium that an annotator sees or hears.

    Attributes:
        file: Where it lies now.
        name: Name in the export, made of its content: neither path nor name of the delivered file is told.
        kind: What it is.
        type: Its media type.
    """

    file: Path
    name: str
    kind: MediumKind
    type: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to judge.

    Attributes:
        instance_id: The instance.
        response: Position of the response that is judged; None for the instance itself.
        prompt: What the model is asked, with turns, options and whatever else belongs to the prompt.
        medium: The input medium, or None.
        answer: Text of the response; None where the instance is judged, "" where the response is only a medium.
        answer_medium: Medium of the response, or None.
    """

    instance_id: str
    response: int | None
    prompt: str
    medium: Medium | None = None
    answer: str | None = None
    answer_medium: Medium | None = None

    @property
    def key(self) -> str:
        """A name of the item of its own: `fraud-1`, or `fraud-1#0` for a response."""
        return self.instance_id if self.response is None else f"{self.instance_id}#{self.response}"


class _Source(NamedTuple):
    """Where the media of one instance lie, and its place for issues."""

    folder: Folder
    place: Place
    instance_id: str


def items_of(intake: Intake, *, judge: Judge = "responses") -> Iterator[Item | Issue]:
    """Yield what is to be judged of each instance, by risk factor and id, and issues of media that cannot be shown.

    Risk factors, safe options and scores of the delivery are not told: annotators are to find them.

    Args:
        intake: The delivered instances.
        judge: `responses`: each response by itself, and the instance where it has none; `instances`: each prompt, with
            its input medium and without responses.
    """
    folders = {entry.number: Folder(entry.root) for entry in intake.deliveries}
    for placed in intake.instances():
        yield from _items(placed, folders[placed.place.delivery], judge)


def visible(text: str) -> str:
    """Return a text in which control characters, which forms and XML cannot hold, stand as their pictures."""
    return _UNSEEN.sub(lambda found: _picture(ord(found[0])), text)


def _picture(code: int) -> str:
    if code > 0x7F:
        return "\ufffd"
    return "\u2421" if code == 0x7F else chr(0x2400 + code)


def _items(placed: PlacedInstance, folder: Folder, judge: Judge) -> Iterator[Item | Issue]:
    instance = placed.instance
    source = _Source(folder, placed.place, instance.id)
    medium = _medium(instance.media, source, "media")
    if isinstance(medium, Issue):
        yield medium
        return
    prompt = visible("\n\n".join(_prompt_parts(instance)))
    if judge == "instances" or not instance.responses:
        yield Item(instance.id, None, prompt, medium)
        return
    for position, response in enumerate(instance.responses):
        yield _response_item(Item(instance.id, position, prompt, medium), response, source)


def _response_item(item: Item, response: Response, source: _Source) -> Item | Issue:
    medium = _medium(response.media, source, f"responses.{item.response}.media")
    if isinstance(medium, Issue):
        return medium
    answer = visible(response.text or "")
    return Item(item.instance_id, item.response, item.prompt, item.medium, answer, medium)


def _prompt_parts(instance: Instance) -> Iterator[str]:
    for heading, field in (("역할 / role", "persona"), ("전문 분야 / expertise", "expertise")):
        if value := getattr(instance, field):
            yield f"[{heading}] {value}"
    if instance.constraints:
        yield "\n".join(["[제약 / rules]", *(f"- {rule}" for rule in instance.constraints)])
    if instance.prior_response:
        yield f"[앞선 응답 / earlier answer] {instance.prior_response}"
    for turn in instance.turns or ():
        yield f"[{turn.role}] {turn.content}"
    yield instance.prompt
    if instance.choices:
        yield "\n".join(f"{number}. {choice}" for number, choice in enumerate(instance.choices, start=1))


def _medium(media: Media | None, source: _Source, field: str) -> Medium | Issue | None:
    if media is None:
        return None
    found = MEDIA_TYPES.get(PurePosixPath(media.path).suffix.casefold())
    if found is None:
        message = f"no browser is sure to show a file named {media.path[-60:]!r}"
        return _issue(source, field, Code.MEDIA_FORMAT_UNSUPPORTED, message, f"give one of {', '.join(MEDIA_TYPES)}")
    try:
        file = source.folder.resolve(media.path)
    except PathEscapesError as error:
        return _issue(source, field, Code.MEDIA_PATH_ESCAPES, str(error), error.hint)
    if kind_of(file) != "file" or not os.access(file, os.R_OK):
        message = f"there is no file {media.path[-120:]!r} that can be read"
        return _issue(source, field, Code.MEDIA_FILE_MISSING, message, "add it, or correct the path")
    name = f"{sha256_file(file)[:20]}{PurePosixPath(media.path).suffix.casefold()}"
    return Medium(file, name, _KINDS[found.partition("/")[0]], found)


def _issue(source: _Source, field: str, code: Code, message: str, hint: str) -> Issue:
    place = source.place
    return make_issue(
        code, message, hint, file=place.file, line=place.line, instance_id=source.instance_id, field=field
    )
