"""The AssurAI files as published: one index, and media beside it whose names begin with the id of their instance.

Columns and layout as read by public code that uses `TTA01/AssurAI`; the paper says all inputs are text, so media are
answers of models.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from assurai_datasets.errors import UnknownNameError
from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import Row, TableFault, read_rows
from assurai_datasets.ingestion.mapping.apply import Mapped, MappedRow
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.taxonomy import load_taxonomy

INDEX = "assurai_index.jsonl"
ID = re.compile(r"r(?P<risk>[0-9]+)_(?P<modality>[tiva])[0-9]+_p(?P<type>[A-Za-z]+)_[0-9]+")
MODALITIES = {"t": "text", "i": "image", "v": "video", "a": "audio"}
ANSWERS = tuple(f"candidate_{number}_answer" for number in range(1, 5))
SCORES = "ref_output_risk_score"
COLUMNS = frozenset({"id", "modality", "risk", "input_prompt", SCORES, *ANSWERS})
SETTINGS = Delivery(
    format="assurai-delivery/1", name="assurai", language="ko", license="cc-by-nc-4.0", source="TTA01/AssurAI"
)


class _Answers(NamedTuple):
    """The answers to one prompt and the scores as given: of answers that are there, and of empty ones."""

    responses: list[dict[str, Any]]
    scores: list[Any]
    scores_of_empty: int = 0


def is_published(folder: Folder) -> bool:
    """Return whether a folder has the layout of the published AssurAI files."""
    return INDEX in folder.names()


def published_rows(folder: Folder) -> Iterator[Mapped]:
    """Yield the instances of the published files, in the order of the index, and what is odd about them.

    Scores are those of the files: which end is safe is not known and must be said by whoever reads them. Where there
    are not as many scores as answers, nobody can tell which belongs to which: the scores are left out, with a warning.
    """
    media = _media_by_id(folder)
    known = set(COLUMNS)
    for row in read_rows(folder, INDEX):
        if isinstance(row, TableFault):
            yield row
            continue
        yield from _unknown_columns(row, known)
        values, faults = _instance_of(row, media)
        yield from faults
        yield MappedRow("instance", Row(row.file, row.line, values))


def _unknown_columns(row: Row, known: set[str]) -> Iterator[TableFault]:
    for name in sorted(row.values.keys() - known):
        known.add(name)
        message = f"the published files were not known to have a column {name[:60]!r}, so it is left out"
        hint = "nothing, unless it matters: then bring the files in by a mapping"
        yield TableFault(Code.DELIVERY_COLUMN_UNMAPPED, row.file, row.line, message, hint)


def _media_by_id(folder: Folder) -> dict[str, list[str]]:
    """Return the media files of each id, sorted by name."""
    found: dict[str, list[str]] = {}
    for name in folder.names():
        match = ID.match(PurePosixPath(name).name)
        if match and "/" in name:
            found.setdefault(match[0], []).append(name)
    return found


def _instance_of(row: Row, media: dict[str, list[str]]) -> tuple[dict[str, Any], list[TableFault]]:
    given = row.values
    instance_id = given.get("id")
    match = ID.fullmatch(instance_id) if isinstance(instance_id, str) else None
    values = {
        "id": instance_id,
        "modality": given.get("modality") or (MODALITIES[match["modality"]] if match else None),
        "risk_factor": _risk_factor(given.get("risk"), match),
        "prompt_type": match["type"] if match else None,
        "prompt": given.get("input_prompt"),
    }
    responses, faults = _scored(_answers_of(given, media.get(str(instance_id), [])), row)
    if responses:
        values["responses"] = responses
    return {name: value for name, value in values.items() if value is not None}, faults


def _risk_factor(given: Any, match: re.Match[str] | None) -> Any:
    """Return the risk factor that a row names, by code or by the name after a colon; else the one its id names."""
    if isinstance(given, str):
        for part in given.split(":"):
            try:
                return load_taxonomy().risk_factor(part.strip()).number
            except UnknownNameError:
                continue
    return int(match["risk"]) if match else given


def _answers_of(given: dict[str, Any], media: list[str]) -> _Answers:
    scores = given.get(SCORES)
    scores = scores if isinstance(scores, list) else [] if scores is None else [scores]
    columns = [name for name in ANSWERS if name in given]
    filled = [isinstance(given[name], str) and bool(given[name].strip()) for name in columns]
    texts = [{"text": given[name]} for name, said in zip(columns, filled, strict=True) if said]
    responses = [*texts, *({"media": {"path": name}} for name in media)]
    if media or all(filled) or len(scores) != len(columns):
        return _Answers(responses, scores)
    kept = [score for score, said in zip(scores, filled, strict=True) if said]
    of_empty = [score for score, said in zip(scores, filled, strict=True) if not said and score is not None]
    return _Answers(responses, kept, len(of_empty))


def _scored(answers: _Answers, row: Row) -> tuple[list[dict[str, Any]], list[TableFault]]:
    responses, scores, of_empty = answers
    if len(scores) == len(responses):
        pairs = zip(responses, scores, strict=True)
        told = [_score_of_nothing(row, of_empty)] if of_empty else []
        return [{**one, "safety_score": score} if score is not None else one for one, score in pairs], told
    if not scores:
        return responses, []
    message = f"scores: {len(scores)}, answers: {len(responses)}; so the scores are left out"
    hint = "add the missing file or answer, or correct the scores"
    return responses, [TableFault(Code.DELIVERY_SCORES_MISALIGNED, row.file, row.line, message, hint)]


def _score_of_nothing(row: Row, count: int) -> TableFault:
    message = f"scores of empty answers are left out: {count}"
    hint = "Add the answers, or leave them."
    return TableFault(Code.DELIVERY_SCORES_MISALIGNED, row.file, row.line, message, hint)
