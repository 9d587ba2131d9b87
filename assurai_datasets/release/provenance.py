"""What a release is made of, told from the rows of its deliveries."""

from collections.abc import Iterator
from typing import Any

from assurai_datasets.formats.digest import digest_of, fold_digests
from assurai_datasets.formats.intake import Intake
from assurai_datasets.release.rows import media_of
from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.schema.release import CleanedMedium, LeftOut, Retraction, Source, UncleanedMedium


def distinct(intake: Intake, field: str) -> tuple[str, ...]:
    """Return the values that a field has in the instances that enter, sorted."""
    query = "SELECT DISTINCT json_extract(body, '$.' || ?) FROM entering"
    return tuple(sorted(text for (text,) in intake.select(query, (field,)) if text is not None))


def sources(intake: Intake) -> Iterator[Source]:
    """Yield each delivery with the number and the digest of its instances."""
    query = "SELECT body FROM instances WHERE delivery = ?"
    for entry in intake.deliveries:
        digests = [digest_of(body.decode()) for (body,) in intake.select(query, (entry.number,))]
        yield Source(name=entry.settings.name, instances=len(digests), digest=fold_digests(digests))


def labels(intake: Intake) -> dict[str, LabelDeclaration]:
    """Return the foreign labels as declared; one that two deliveries declare differently is left out."""
    declared: dict[str, list[LabelDeclaration]] = {}
    for entry in intake.deliveries:
        for name, label in entry.settings.labels.items():
            declared.setdefault(name, []).append(label)
    return {name: found[0] for name, found in sorted(declared.items()) if all(label == found[0] for label in found)}


def left_out(intake: Intake) -> Iterator[LeftOut]:
    """Yield each delivered instance that does not enter, with the reason."""
    for instance_id, reason in intake.left_out():
        yield LeftOut(instance_id=instance_id, reason=reason)


def retractions(intake: Intake) -> Iterator[Retraction]:
    """Yield each withdrawn instance with reason and date."""
    for instance_id, reason, day in intake.retractions():
        yield Retraction(instance_id=instance_id, reason=reason, date=day)


def cleaned_media(intake: Intake) -> Iterator[CleanedMedium]:
    """Yield each medium that is packed without its private metadata."""
    for instance_id, field, facts in _media(intake):
        if facts.get("removed"):
            yield CleanedMedium(
                instance_id=instance_id,
                field=field,
                delivered_sha256=facts["delivered_sha256"],
                sha256=facts["sha256"],
                removed=tuple(facts["removed"]),
            )


def uncleaned_media(intake: Intake) -> tuple[UncleanedMedium, ...] | None:
    """Return each medium that is packed with private metadata, where nothing was cleaned; None without any media."""
    if next(_media(intake), None) is None:
        return None
    return tuple(
        UncleanedMedium(
            instance_id=instance_id, field=field, sha256=facts["sha256"], private=tuple(facts["file"]["private"])
        )
        for instance_id, field, facts in _media(intake)
        if facts.get("file", {}).get("private")
    )


def _media(intake: Intake) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield instance, field and facts of every medium that is packed."""
    for placed in intake.instances():
        for position, media in media_of(placed.instance):
            field = "media" if position is None else f"responses.{position}.media"
            yield placed.instance.id, field, intake.medium(placed.place.delivery, media.path) or {}
