"""Records of one instance that stand in several tables, made one."""

from collections.abc import Iterable, Iterator
from typing import Any

from assurai_datasets.ingestion.mapping.apply import Mapped, MappedRow


def merge_instances(mapped: Iterable[Mapped]) -> Iterator[Mapped]:
    """Yield what a mapping made, with instances that are to be merged as one each, after everything else.

    Lists named in `merge` are put one after the other in the order of the tables; any other field is taken from the
    first record that has it. A record that contradicts the one before is given apart, and so reported as a duplicate.
    These instances, and only these, are held in memory.
    """
    merged: dict[Any, MappedRow] = {}
    apart: list[MappedRow] = []
    for item in mapped:
        if not isinstance(item, MappedRow) or not item.merge:
            yield item
        elif (key := str(item.row.values.get("id"))) not in merged:
            merged[key] = item
        elif _contradict(merged[key], item):
            apart.append(item)
        else:
            merged[key] = _joined(merged[key], item)
    yield from merged.values()
    yield from apart


def _contradict(one: MappedRow, other: MappedRow) -> bool:
    mine, theirs = one.row.values, other.row.values
    shared = (mine.keys() & theirs.keys()) - set(one.merge) - set(other.merge)
    return any(mine[name] != theirs[name] for name in shared)


def _joined(one: MappedRow, other: MappedRow) -> MappedRow:
    values = {**other.row.values, **one.row.values}
    merge = tuple(dict.fromkeys((*one.merge, *other.merge)))
    for name in merge:
        parts = [record.row.values[name] for record in (one, other) if name in record.row.values]
        if parts:
            values[name] = [item for part in parts for item in (part if isinstance(part, list) else [part])]
    return one._replace(row=one.row._replace(values=values), merge=merge)
