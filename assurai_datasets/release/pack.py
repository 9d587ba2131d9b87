"""Writing the data files of a release from an intake, config by config, in bounded memory."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from assurai_datasets.formats.columns import (
    ANNOTATION_COLUMNS,
    INDEX_COLUMNS,
    REVIEW_COLUMNS,
    modality_columns,
)
from assurai_datasets.formats.digest import DigestFold, canonical_json, row_digest
from assurai_datasets.formats.features import Features
from assurai_datasets.formats.intake import Intake, PlacedInstance
from assurai_datasets.formats.parquet import GROUP_ROWS, group_rows, write_shards
from assurai_datasets.release.judgements import consensus, long_rows
from assurai_datasets.release.media_store import MediaStore
from assurai_datasets.release.pseudonyms import Annotator
from assurai_datasets.release.rows import Row, index_row, media_columns, media_of
from assurai_datasets.release.taxonomy_table import TAXONOMY_COLUMNS, taxonomy_rows
from assurai_datasets.schema.release import Config, Split
from assurai_datasets.schema.vocabulary import MODALITIES

SPLIT = "test"
QUOTING = ("changes", "corrective_action")
"""Columns of a review event that may hold texts of its instance."""
MEDIA_GROUP_ROWS = 100
Grouped = Iterable[tuple[Any, int, Row]]


class Contents(NamedTuple):
    """What goes into a release.

    Attributes:
        intake: The checked rows; instances left out stay out.
        media: The bytes of their media.
        annotators: Pseudonym by annotator.
    """

    intake: Intake
    media: MediaStore
    annotators: Mapping[Annotator, str]


class _ConfigWriter(NamedTuple):
    folder: Path
    metadata: Mapping[str, Any]

    def write(self, name: str, features: Features, rows: Grouped, *, max_rows: int = GROUP_ROWS) -> Config:
        fold = DigestFold()
        groups = group_rows(_counted(rows, fold), max_rows=max_rows)
        paths = write_shards(self.folder / "data" / name, SPLIT, features, groups, metadata=self.metadata)
        files = tuple(path.relative_to(self.folder).as_posix() for path in paths)
        return Config(splits={SPLIT: Split(rows=fold.count, digest=fold.digest(), files=files)})


def pack(contents: Contents, folder: Path, metadata: Mapping[str, Any]) -> dict[str, Config]:
    """Return the configs of a release after writing their Parquet files under `data/` of a folder.

    Args:
        contents: What goes into the release.
        folder: Where the release is being built.
        metadata: Facts kept in the metadata of each file.
    """
    writer = _ConfigWriter(folder, metadata)
    configs: dict[str, Config] = {}
    present = contents.intake.modalities()
    for modality in MODALITIES:
        if modality in present:
            configs[modality] = _write_modality(writer, contents, modality)
    configs["index"] = writer.write("index", INDEX_COLUMNS, _index(contents))
    if next(contents.intake.annotations(), None) is not None:
        configs["annotations"] = writer.write("annotations", ANNOTATION_COLUMNS, _annotations(contents))
    if next(contents.intake.reviews(), None) is not None:
        configs["reviews"] = writer.write("reviews", REVIEW_COLUMNS, _reviews(contents))
    taxonomy = ((None, 0, row) for row in taxonomy_rows())
    configs["taxonomy"] = writer.write("taxonomy", TAXONOMY_COLUMNS, taxonomy)
    return configs


def _write_modality(writer: _ConfigWriter, contents: Contents, modality: str) -> Config:
    kinds = {
        contents.media.modality(placed.place.delivery, media.path)
        for placed in contents.intake.instances(modality)
        for position, media in media_of(placed.instance)
        if position is not None
    }
    max_rows = GROUP_ROWS if modality == "text" and not kinds else MEDIA_GROUP_ROWS
    return writer.write(modality, modality_columns(modality, kinds), _modality(contents, modality), max_rows=max_rows)


def _modality(contents: Contents, modality: str) -> Iterator[tuple[Any, int, Row]]:
    for placed in contents.intake.instances(modality):
        delivery = placed.place.delivery
        row = _index_row(contents, placed)
        contents.intake.keep_packed(placed.instance.risk_factor, placed.instance.id, row)
        media, size = media_columns(placed.instance, row, lambda path, n=delivery: contents.media.read(n, path))  # type: ignore[misc]
        if modality == "text":
            row.pop("media", None)
        yield placed.instance.risk_factor, size, row | media


def _index(contents: Contents) -> Iterator[tuple[Any, int, Row]]:
    """Yield the rows kept when the modalities were packed."""
    for number, row in contents.intake.packed():
        yield number, 0, row


def _index_row(contents: Contents, placed: PlacedInstance) -> Row:
    annotations = [entry.annotation for entry in contents.intake.annotations(placed.instance.id)]
    delivery = placed.place.delivery
    return index_row(placed.instance, consensus(annotations), lambda path: contents.media.sha256(delivery, path))


def _annotations(contents: Contents) -> Iterator[tuple[Any, int, Row]]:
    for placed in contents.intake.instances():
        rows = [
            row
            for entry in contents.intake.annotations(placed.instance.id)
            for row in long_rows(
                entry.annotation, contents.annotators[entry.place.delivery, entry.annotation.annotator_id]
            )
        ]
        for row in sorted(rows, key=_annotation_order):
            yield placed.instance.risk_factor, 0, row


def _annotation_order(row: Row) -> tuple[int, str, str, bytes]:
    response = -1 if row["response"] is None else row["response"]
    return response, row["label"], row["annotator"], canonical_json(row)


def _reviews(contents: Contents) -> Iterator[tuple[Any, int, Row]]:
    """Yield the events, those of withdrawn instances without what could quote them."""
    withdrawn = {instance_id for instance_id, _, _ in contents.intake.retractions()}
    for entry in contents.intake.reviews():
        row = entry.event.model_dump(exclude_none=True, include=set(REVIEW_COLUMNS))
        if entry.event.instance_id in withdrawn:
            yield None, 0, {name: value for name, value in row.items() if name not in QUOTING}
            continue
        if entry.event.changes is not None:
            row["changes"] = canonical_json(entry.event.changes).decode()
        yield None, 0, row


def _counted(rows: Grouped, fold: DigestFold) -> Iterator[tuple[Any, int, Row]]:
    """Yield the rows as they come and keep the digest of each; the `digest` of a review event is that of its link."""
    for key, size, row in rows:
        fold.add(row["digest"] if "id" in row else row_digest(row))
        yield key, size, row
