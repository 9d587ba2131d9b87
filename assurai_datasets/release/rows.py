"""From an instance and its annotations to the row of a release."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from assurai_datasets.formats.columns import INDEX_COLUMNS
from assurai_datasets.formats.digest import row_digest
from assurai_datasets.release.judgements import Consensus
from assurai_datasets.schema.instance import Instance, Media, Response
from assurai_datasets.taxonomy import load_taxonomy

Row = dict[str, Any]
Sha256Of = Callable[[str], str]


class MediumBytes(NamedTuple):
    """The bytes of one medium of a release and the modality they have."""

    modality: str
    data: bytes


def index_row(instance: Instance, said: Consensus, sha256_of: Sha256Of) -> Row:
    """Return the row of the `index` config: everything but the media themselves, and the digest over it.

    Args:
        instance: The instance.
        said: What its annotations say together.
        sha256_of: Digest of the packed medium for a path of the delivery.
    """
    row = instance.model_dump(exclude_none=True, include=set(INDEX_COLUMNS))
    factor = load_taxonomy().risk_factor(instance.risk_factor)
    row |= {"risk_factor": factor.name, "risk_factor_id": factor.number, "category": factor.category}
    row |= {"n_annotations": said.n_annotations}
    row |= {name: value for name in ("safety_score", "agreement") if (value := getattr(said, name)) is not None}
    if instance.media is not None:
        row["media"] = _reference(instance.media, sha256_of)
    if instance.responses is not None:
        row["responses"] = [
            _response(r, said.response_scores.get(i), sha256_of) for i, r in enumerate(instance.responses)
        ]
    row["digest"] = row_digest(row)
    return row


def media_columns(instance: Instance, row: Row, read: Callable[[str], MediumBytes]) -> tuple[Row, int]:
    """Return the media columns of an instance's row, and how many bytes the media have.

    Args:
        instance: The instance.
        row: Its index row.
        read: Gives the bytes of a medium for a path of the delivery.
    """
    found: list[tuple[int | None, str, MediumBytes]] = [
        (position, media.path, read(media.path)) for position, media in media_of(instance)
    ]
    columns: Row = {}
    for position, path, medium in found:
        value = {"bytes": medium.data, "path": path.rsplit("/", 1)[-1]}
        if position is None:
            columns[instance.modality] = value
        else:
            empty = [None] * len(row["responses"])
            columns.setdefault(f"response_{medium.modality}s", empty)[position] = value
    return columns, sum(len(medium.data) for _, _, medium in found)


def media_of(instance: Instance) -> Iterator[tuple[int | None, Media]]:
    """Yield the media of an instance: the input medium with None, those of responses with the response's position."""
    if instance.media is not None:
        yield None, instance.media
    for position, response in enumerate(instance.responses or ()):
        if response.media is not None:
            yield position, response.media


def _reference(media: Media, sha256_of: Sha256Of) -> Row:
    return media.model_dump(exclude_none=True) | {"sha256": sha256_of(media.path)}


def _response(response: Response, mean: float | None, sha256_of: Sha256Of) -> Row:
    row = response.model_dump(exclude_none=True)
    if response.media is not None:
        row["media"] = _reference(response.media, sha256_of)
    if mean is not None:
        row["safety_score"] = mean
    return row
