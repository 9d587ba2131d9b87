"""Media that are delivered twice: the same bytes, or what looks or sounds the same."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from assurai_datasets.formats.intake import Intake, Place
from assurai_datasets.media import cluster_pairs, find_near_duplicates
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.texts import mentions_of
from assurai_datasets.validation.places import issue_at, listed

SAME_HINT = "keep one of them, or have all instances name one file"
NEAR_HINT = "look at them; keep one unless the difference is what matters"
Key = tuple[int, str]


class _Mention(NamedTuple):
    """Where a medium is first mentioned."""

    place: Place
    instance_id: str
    field: str


class _Media(NamedTuple):
    """What is known of the media of an intake, by what can be alike: bytes, sound, looks."""

    by_digest: dict[str, list[Key]]
    by_sound: dict[str, list[Key]]
    by_look: dict[str, dict[str, list[str]]]


def check_media_duplicates(intake: Intake) -> Iterator[Issue]:
    """Yield one issue for each cluster of media with the same bytes, or that look or sound the same.

    The media of all deliveries are compared; where only headers were read, by their bytes alone. Several instances may
    name one file.
    """
    media = _facts(intake)
    same = [keys for _, keys in sorted(media.by_digest.items()) if len(keys) > 1]
    near = [*_sounding_alike(media), *_looking_alike(media)]
    mentions = _mentions(intake, {key for keys in (*same, *near) for key in keys})
    for keys in same:
        yield _issue(Code.MEDIA_DUPLICATE, "have the same content", SAME_HINT, keys, mentions)
    for keys in near:
        yield _issue(Code.MEDIA_NEAR_DUPLICATE, "look or sound the same", NEAR_HINT, keys, mentions)


def _facts(intake: Intake) -> _Media:
    """Return the media by what can be alike; a file stands there once, however often it is spelt otherwise.

    Of media with the same bytes, only the first takes part in the rest.
    """
    media = _Media(defaultdict(list), defaultdict(list), defaultdict(dict))
    for delivery, path, body in intake.select("SELECT delivery, path, body FROM media ORDER BY delivery, path"):
        facts = orjson.loads(body)
        digest, file = facts["delivered_sha256"], facts["file"]
        if digest is None or facts["spelt"] != path:
            continue
        media.by_digest[digest].append((delivery, path))
        if len(media.by_digest[digest]) == 1:
            if file.get("sample_hash") and not file.get("is_silent"):
                media.by_sound[file["sample_hash"]].append((delivery, path))
            if file.get("hashes"):
                media.by_look[file["kind"]][digest] = file["hashes"]
    return media


def _sounding_alike(media: _Media) -> Iterator[list[Key]]:
    yield from (keys for _, keys in sorted(media.by_sound.items()) if len(keys) > 1)


def _looking_alike(media: _Media) -> Iterator[list[Key]]:
    for _, hashes in sorted(media.by_look.items()):
        for digests in cluster_pairs(find_near_duplicates(hashes)):
            yield sorted(media.by_digest[digest][0] for digest in digests)


def _mentions(intake: Intake, wanted: set[Key]) -> dict[Key, _Mention]:
    """Return where each of some media is first mentioned."""
    found: dict[Key, _Mention] = {}
    if not wanted:
        return found
    rows = intake.select(
        "SELECT id, body, delivery, file, line FROM instances WHERE json_extract(body, '$.media') IS NOT NULL"
        " OR json_extract(body, '$.responses') IS NOT NULL ORDER BY delivery, file, line"
    )
    for instance_id, body, *where in rows:
        place = Place(*where)
        for field, media in mentions_of(orjson.loads(body)):
            if (key := (place.delivery, media["path"])) in wanted:
                found.setdefault(key, _Mention(place, instance_id, f"{field}.path"))
    return found


def _issue(code: Code, what: str, hint: str, keys: list[Key], mentions: dict[Key, _Mention]) -> Issue:
    names = [f"{path!r} of {mentions[delivery, path].instance_id}" for delivery, path in keys]
    first = mentions[keys[0]]
    message = f"{len(keys)} files {what}: {listed(names)}"
    return issue_at(first.place, code, message, hint, instance_id=first.instance_id, field=first.field)
