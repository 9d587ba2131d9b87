"""Writing a whole release into a folder: data files, card, licence, manifest."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.errors import UsageError
from assurai_datasets.files import write_atomically
from assurai_datasets.formats.digest import digest_of, fold_digests
from assurai_datasets.formats.intake import Intake
from assurai_datasets.release.card import make_card
from assurai_datasets.release.counts import count_release
from assurai_datasets.release.licenses import license_text
from assurai_datasets.release.manifest import MANIFEST, canary, list_files, make_manifest, manifest_json, with_files
from assurai_datasets.release.media_store import MediaStore
from assurai_datasets.release.pack import SPLIT, Contents, pack
from assurai_datasets.release.pseudonyms import pseudonyms
from assurai_datasets.release.rows import media_of
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.release import CleanedMedium, LeftOut, Release, Retraction, Source
from assurai_datasets.schema.times import parse_time


class Edition(NamedTuple):
    """What a release is called and what it was held to.

    Attributes:
        name: Name of the dataset; the canary follows from it.
        version: SemVer of the data.
        date: ISO date, or None where none is known.
        policy: The policy the content met.
        annotator_key: Key of the annotators' pseudonyms, or None to number them.
    """

    name: str
    version: str
    date: str | None
    policy: Policy
    annotator_key: bytes | None = None


def write_release(intake: Intake, folder: Path, edition: Edition) -> Release:
    """Return the manifest of the release written into an empty folder from a checked intake."""
    metadata = {"name": edition.name, "canary": canary(edition.name)}
    contents = Contents(intake, MediaStore(intake), pseudonyms(intake, edition.annotator_key))
    configs = pack(contents, folder, metadata)
    draft = make_manifest(
        name=edition.name,
        version=edition.version,
        date=edition.date,
        canary=metadata["canary"],
        licenses=_distinct(intake, "license"),
        languages=_distinct(intake, "language"),
        policy=edition.policy,
        configs=configs,
        files=(),
        sources=tuple(_sources(intake)),
        left_out=tuple(LeftOut(instance_id=i, reason=reason) for i, reason in intake.left_out()),
        retractions=tuple(_retractions(intake)),
        cleaned_media=tuple(_cleaned_media(intake)),
    )
    counts = count_release(folder, configs["index"].splits[SPLIT].files)
    (folder / "README.md").write_text(make_card(draft, counts), encoding="utf-8")
    (folder / "LICENSE").write_text(license_text(draft.licenses), encoding="utf-8")
    manifest = with_files(draft, list_files(folder))
    write_atomically(folder / MANIFEST, manifest_json(manifest))
    return manifest


def date_of_release(given: str | None, intake: Intake) -> str | None:
    """Return the date of a release: the given one, else SOURCE_DATE_EPOCH, else the latest in the data, else None.

    Raises:
        UsageError: The given date, or SOURCE_DATE_EPOCH, is none.
    """
    if given is not None:
        return check_date(given)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        if not epoch.isdecimal():
            raise UsageError(f"SOURCE_DATE_EPOCH must be seconds since 1970, not {epoch!r}")
        return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
    moments = (parse_time(text) for text in _times(intake))
    newest = max(moments, default=None)
    return newest.astimezone(UTC).date().isoformat() if newest else None


def check_date(text: str) -> str:
    """Return an ISO date as it is.

    Raises:
        UsageError: It is not a date written YYYY-MM-DD.
    """
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise UsageError(f"the date must be written YYYY-MM-DD, not {text!r}")


def _times(intake: Intake) -> Iterator[str]:
    for table in ("annotations", "reviews"):
        query = f"SELECT DISTINCT json_extract(body, '$.created_at') FROM {table}"  # noqa: S608  our own names
        yield from (text for (text,) in intake.select(query) if text is not None)


def _distinct(intake: Intake, field: str) -> tuple[str, ...]:
    query = "SELECT DISTINCT json_extract(body, '$.' || ?) FROM instances"
    return tuple(sorted(text for (text,) in intake.select(query, (field,)) if text is not None))


def _sources(intake: Intake) -> Iterator[Source]:
    for entry in intake.deliveries:
        digests = [digest_of(body.decode()) for (body,) in intake.select(_BODIES, (entry.number,))]
        yield Source(name=entry.settings.name, instances=len(digests), digest=fold_digests(digests))


_BODIES = "SELECT body FROM instances WHERE delivery = ?"


def _retractions(intake: Intake) -> Iterator[Retraction]:
    for instance_id, reason, day in intake.retractions():
        yield Retraction(instance_id=instance_id, reason=reason, date=day)


def _cleaned_media(intake: Intake) -> Iterator[CleanedMedium]:
    for placed in intake.instances():
        for position, media in media_of(placed.instance):
            facts = intake.medium(placed.place.delivery, media.path) or {}
            if facts.get("removed"):
                yield CleanedMedium(
                    instance_id=placed.instance.id,
                    field="media" if position is None else f"responses.{position}.media",
                    delivered_sha256=facts["delivered_sha256"],
                    sha256=facts["sha256"],
                    removed=tuple(facts["removed"]),
                )
