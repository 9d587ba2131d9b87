"""What an instance is at one moment of its review: its digest, and itself with changed fields."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from assurai_datasets.errors import DataError
from assurai_datasets.formats.digest import canonical_json, digest_of
from assurai_datasets.schema.instance import Instance, Media, Response


def instance_digest(instance: Instance) -> str:
    """Return the digest of an instance: of its JSON without nulls, a medium counting by its `sha256` where it has one.

    So a medium may be moved or renamed without becoming another one. Fill in digests first with `with_media_digests`:
    a medium without one counts by its path.
    """
    values = instance.model_dump(mode="json", exclude_none=True)
    for medium in (values.get("media"), *(response.get("media") for response in values.get("responses", ()))):
        if medium and "sha256" in medium:
            del medium["path"]
    return digest_of(values)


def with_media_digests(instance: Instance, sha256_of: Callable[[str], str | None]) -> Instance:
    """Return the instance with a `sha256` for every medium: the declared one, else that of the file.

    Args:
        instance: The instance as delivered.
        sha256_of: Gives the digest of a delivered path, or None; it is asked where the delivery declares no digest.
    """
    if instance.media is None and not any(response.media for response in instance.responses or ()):
        return instance
    responses = instance.responses and tuple(_hashed_response(response, sha256_of) for response in instance.responses)
    return instance.model_copy(update={"media": _hashed(instance.media, sha256_of), "responses": responses})


def revise_instance(instance: Instance, changes: Mapping[str, Any]) -> Instance:
    """Return the instance with new values in some fields, checked as a whole; None as a value removes the field.

    Raises:
        DataError: A change renames the instance or touches its media, or the result is no instance; the message says
            why.
    """
    if changes.get("id", instance.id) != instance.id:
        raise DataError(f"a revision cannot rename {instance.id!r}; drop it and deliver the instance under a new id")
    merged = {**instance.model_dump(mode="json", exclude_none=True), **changes}
    present = {field: value for field, value in merged.items() if value is not None}
    known = {medium.path: medium.sha256 for medium in _media_of(instance)}
    revised = with_media_digests(_valid(present), known.get)
    foreign = any(known.get(medium.path, "") != medium.sha256 for medium in _media_of(revised))
    if foreign or (instance.media and revised.modality != instance.modality):
        raise DataError(f"a revision cannot change the media of {instance.id!r}; drop it and deliver it under a new id")
    return revised


def _media_of(instance: Instance) -> Iterator[Media]:
    media = (instance.media, *(response.media for response in instance.responses or ()))
    return (medium for medium in media if medium)


def _valid(values: Mapping[str, Any]) -> Instance:
    try:
        return Instance.model_validate_json(canonical_json(values))
    except ValidationError as error:
        raise DataError(first_problem(error)) from error
    except TypeError as error:
        raise DataError(f"a new value is nothing that JSON can carry: {error}") from error


def first_problem(error: ValidationError) -> str:
    """Return the first problem of a validation error in one line: the field and what is wrong with it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))} {first['msg']}".strip()


def _hashed_response(response: Response, sha256_of: Callable[[str], str | None]) -> Response:
    return response.model_copy(update={"media": _hashed(response.media, sha256_of)})


def _hashed(medium: Media | None, sha256_of: Callable[[str], str | None]) -> Media | None:
    if medium is None:
        return None
    return medium.model_copy(update={"sha256": medium.sha256 or sha256_of(medium.path)})
