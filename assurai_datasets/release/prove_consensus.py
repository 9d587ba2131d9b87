"""Proving that the scores of the instances are what their annotations say."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from assurai_datasets.release.judgements import Consensus, Judgement, consensus_of
from assurai_datasets.release.problem import Problem
from assurai_datasets.release.prove_rows import UNREADABLE, splits
from assurai_datasets.schema.release import Release

ANNOTATIONS = "annotations"
NOBODY = consensus_of(())
_JUDGEMENT = ["instance_id", *Judgement._fields]
_SAID = ["id", "safety_score", "n_annotations", "agreement", "responses"]


def prove_consensus(folder: Path, manifest: Release) -> Iterator[Problem]:
    """Yield the first instance whose scores do not follow from its annotations, with how many there are.

    Args:
        folder: The release.
        manifest: Its manifest; the files its configs name are all there.
    """
    files = {name: split.files for name, split in splits(manifest)}
    try:
        said = dict(_said([folder / file for file in files.get(ANNOTATIONS, ())]))
        wrong = [row["id"] for row in _rows(folder, files["index"]) if not _follows(row, said.pop(row["id"], NOBODY))]
    except UNREADABLE:
        return  # prove_rows names the file
    if wrong or said:
        ids = [*wrong, *sorted(said)]
        more = f", the first of {len(ids):,}" if len(ids) > 1 else ""
        found = f"instance {ids[0]!r}: its scores and its annotations do not agree{more}"
        yield Problem(files.get(ANNOTATIONS, files["index"])[0], found)


def _said(paths: list[Path]) -> Iterator[tuple[str, Consensus]]:
    """Yield the id of each annotated instance and what its annotations say together."""
    if paths:
        table = pq.read_table(paths, columns=_JUDGEMENT).sort_by("instance_id")
        rows = (row for batch in table.to_batches(max_chunksize=10_000) for row in zip(*_lists(batch), strict=True))
        for instance_id, group in groupby(rows, key=lambda row: row[0]):
            yield instance_id, consensus_of(Judgement(*row[1:]) for row in group)


def _lists(batch: Any) -> list[list[Any]]:
    return [batch[name].to_pylist() for name in _JUDGEMENT]


def _rows(folder: Path, files: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for file in files:
        yield from pq.read_table(folder / file, columns=_SAID).to_pylist()


def _follows(row: dict[str, Any], said: Consensus) -> bool:
    given = {i: response["safety_score"] for i, response in enumerate(row["responses"] or ())}
    own = (row["safety_score"], row["n_annotations"], row["agreement"])
    means = said.response_scores
    return own == (said.safety_score, said.n_annotations, said.agreement) and means == {i: given.get(i) for i in means}
