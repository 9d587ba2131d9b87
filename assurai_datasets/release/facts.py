"""Everything the documents of a release say in numbers, computed from its Parquet files."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assurai_datasets.agreement import Agreement, Ratings, measure_agreement
from assurai_datasets.agreement.ratings import Floats, Integers
from assurai_datasets.formats.features import Features, read_features
from assurai_datasets.formats.table_digests import holds_media
from assurai_datasets.release.counts import Counts, count_release
from assurai_datasets.release.judgements import SAFETY_SCORE
from assurai_datasets.release.prove_rows import INDEX, splits
from assurai_datasets.schema.delivery import LEVELS, LabelDeclaration
from assurai_datasets.schema.release import Release

RESAMPLES = 200
"""Bootstrap resamples of the intervals of agreement in documents."""
SCORES = (1, 2, 3, 4, 5)
_JUDGEMENT = ["instance_id", "response", "annotator", "label", "value", "score"]


class MediaFacts(NamedTuple):
    """The media of one column.

    Attributes:
        config: Name of the config.
        column: Name of the column: `image` for input media, `response_images` for those that models made.
        number: How many there are.
        bytes: Their size together.
        smallest: Size of the smallest, in bytes.
        largest: Size of the largest, in bytes.
    """

    config: str
    column: str
    number: int
    bytes: int
    smallest: int
    largest: int


class ReviewFacts(NamedTuple):
    """The expert review as the config `reviews` has it.

    Attributes:
        events: Number of events.
        instances: Number of instances they are about.
        reviewers: Number of people.
        rounds: The highest round.
        actions: Events by action.
        findings: Events by finding.
        latest: Instances by the action of their latest event.
    """

    events: int
    instances: int
    reviewers: int
    rounds: int
    actions: Mapping[str, int]
    findings: Mapping[str, int]
    latest: Mapping[str, int]


class Facts(NamedTuple):
    """Everything the documents of a release say in numbers.

    Attributes:
        counts: Instances of each kind.
        stages: Instances by stage.
        asks_for_media: Instances without an input medium, by modality.
        annotators: Number of annotators.
        annotations: Instances by number of annotators who judged them or one of their responses.
        agreement: Agreement of the annotators by field.
        reviews: The review; None without one.
        media: The media of each column that has any.
        features: Type of each column by config, as the files say.
    """

    counts: Counts
    stages: Mapping[str, int]
    asks_for_media: Mapping[str, int]
    annotators: int
    annotations: Mapping[int, int]
    agreement: Mapping[str, Agreement]
    reviews: ReviewFacts | None
    media: tuple[MediaFacts, ...]
    features: Mapping[str, Features]


def gather_facts(folder: Path, manifest: Release) -> Facts:
    """Return the facts of a release whose data files are written.

    Args:
        folder: The release.
        manifest: Its manifest; `files` need not be known yet.
    """
    files = {name: [folder / file for file in split.files] for name, split in splits(manifest)}
    index = _read(files[INDEX], ["modality", "stage", "n_annotations", "media"])
    alone = index.filter(pc.is_null(index["media"]))
    annotations = files.get("annotations", [])
    return Facts(
        counts=count_release(folder, manifest.configs[INDEX].splits["test"].files),
        stages=_tally(index["stage"]),
        asks_for_media=_tally(alone["modality"]),
        annotators=len(_distinct(annotations, "annotator")),
        annotations=_tally(index["n_annotations"]),
        agreement=dict(_agreement(annotations, manifest.labels)),
        reviews=_reviews(files["reviews"]) if "reviews" in files else None,
        media=tuple(facts for name, paths in files.items() for facts in _media(name, paths)),
        features={name: read_features(pq.read_schema(paths[0])) for name, paths in files.items()},
    )


def _read(paths: list[Path], columns: list[str] | None = None) -> pa.Table:
    return pa.concat_tables(pq.ParquetFile(path).read(columns=columns) for path in paths)


def _tally(column: pa.ChunkedArray) -> dict[Any, int]:
    """Return how often each value stands in a column, by value, without nulls."""
    counted = Counter({entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()})
    return {value: counted[value] for value in sorted(value for value in counted if value is not None)}


def _agreement(paths: list[Path], declared: Mapping[str, LabelDeclaration]) -> Iterator[tuple[str, Agreement]]:
    """Yield the agreement on each label, reading the judgements of one label at a time."""
    for label in _distinct(paths, "label"):
        rows = pa.concat_tables(_judgements(paths, label))
        rows = rows.sort_by([(name, "ascending") for name in ("instance_id", "response", "annotator")])
        yield label, measure_agreement(_ratings(rows, label, declared.get(label)), resamples=RESAMPLES)


def _judgements(paths: list[Path], label: str) -> Iterator[pa.Table]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=_JUDGEMENT)
                yield table.filter(pc.equal(table["label"], label)).drop_columns("label")


def _distinct(paths: list[Path], column: str) -> list[str]:
    """Return the values of a column of texts that repeat, sorted."""
    found: set[str | None] = set()
    for path in paths:
        found.update(pc.unique(pq.ParquetFile(path).read(columns=[column])[column]).to_pylist())
    return sorted(value for value in found if value is not None)


def _ratings(rows: pa.Table, label: str, declared: LabelDeclaration | None) -> Ratings:
    """Return the ratings of one label, from rows by instance and response; all in arrays, which take little memory."""
    instances, annotators = (_codes(rows[name]) for name in ("instance_id", "annotator"))
    responses = pc.fill_null(rows["response"], -1).to_numpy()
    fresh = (np.diff(instances) != 0) | (np.diff(responses) != 0)
    units = np.concatenate(([0], np.cumsum(fresh))).astype(np.intp)
    scale, values = _values(rows, label, declared)
    order = np.lexsort((values, annotators, units))
    order = order[~np.isnan(values[order])]
    return Ratings(
        unit=units[order],
        annotator=annotators[order],
        value=values[order],
        time=np.full(len(order), np.nan),
        level=LEVELS.get(label) or (declared.level if declared else "nominal"),
        values=scale,
        unit_ids=tuple(range(int(units[-1]) + 1)),
        annotator_ids=tuple(range(int(annotators.max()) + 1)),
    )


def _codes(column: pa.ChunkedArray) -> Integers:
    """Return a number for each text of a column, in the order of the texts."""
    encoded = column.combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    ranks: Integers = np.empty(len(names), dtype=np.intp)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    codes: Integers = ranks[encoded.indices.to_numpy()]
    return codes


def _values(
    rows: pa.Table, label: str, declared: LabelDeclaration | None
) -> tuple[tuple[Hashable, ...] | None, Floats]:
    """Return the scale of a label, and each judgement as a number: itself, or its place on a scale of texts."""
    if label == SAFETY_SCORE or (declared is not None and declared.values is None):
        return SCORES if label == SAFETY_SCORE else None, rows["score"].to_numpy().astype(np.float64)
    scale = declared.values if declared and declared.values else tuple(sorted(pc.unique(rows["value"]).to_pylist()))
    places = pc.index_in(rows["value"], value_set=pa.array(scale, pa.string()))
    return scale, places.cast(pa.float64()).to_numpy()


def _reviews(paths: list[Path]) -> ReviewFacts:
    table = _read(paths)
    return ReviewFacts(
        events=table.num_rows,
        instances=pc.count_distinct(table["instance_id"]).as_py(),
        reviewers=pc.count_distinct(table["reviewer_id"]).as_py(),
        rounds=pc.max(table["round"]).as_py() or 0,
        actions=_tally(table["action"]),
        findings=_tally(table["finding"]),
        latest=_latest(table),
    )


def _latest(table: pa.Table) -> dict[str, int]:
    rows = table.select(["sequence", "instance_id", "action"]).sort_by("sequence").to_pylist()
    latest = {row["instance_id"]: row["action"] for row in rows}
    return dict(sorted(Counter(latest.values()).items()))


def _media(config: str, paths: list[Path]) -> Iterator[MediaFacts]:
    """Yield the sizes of the media of each column, reading one row group at a time."""
    sizes: dict[str, list[int]] = {}
    for path in paths:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            names = [name for name, kind in zip(schema.names, schema.types, strict=True) if holds_media(kind)]
            for group in range(file.num_row_groups) if names else ():
                table = file.read_row_group(group, columns=names)
                for name in names:
                    sizes.setdefault(name, []).extend(_sizes(table[name]))
    for name, found in sizes.items():
        if found:
            yield MediaFacts(config, name, len(found), sum(found), min(found), max(found))


def _sizes(column: pa.ChunkedArray) -> list[int]:
    """Return the size of each medium in a column of media or of lists of them."""
    media = pc.list_flatten(column) if pa.types.is_list(column.type) else column
    lengths = pc.binary_length(pc.struct_field(media, "bytes"))
    return [size for size in lengths.to_pylist() if size is not None]
