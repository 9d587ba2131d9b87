"""Digests of whole tables are those of their rows."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from assurai_datasets.formats.digest import row_digest
from assurai_datasets.formats.features import MEDIUM_STORAGE
from assurai_datasets.formats.table_digests import table_digests

TURN = pa.struct([("role", pa.string()), ("content", pa.string())])
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("annotator", pa.string()),
        ("score", pa.float64()),
        ("number", pa.int64()),
        ("benign", pa.bool_()),
        ("turns", pa.list_(TURN)),
        ("choices", pa.list_(pa.string())),
        ("image", MEDIUM_STORAGE),
        ("images", pa.list_(MEDIUM_STORAGE)),
    ]
)
TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=5)
ROW = st.fixed_dictionaries(
    {
        "id": TEXT,
        "annotator": TEXT,
        "score": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "benign": st.none() | st.booleans(),
        "turns": st.none() | st.lists(st.none() | st.fixed_dictionaries({"role": TEXT, "content": TEXT}), max_size=2),
        "choices": st.none() | st.lists(TEXT, max_size=2),
    }
)
MEDIA = {"image": {"bytes": b"x", "path": "x"}, "images": [None, {"bytes": b"y", "path": None}]}


@given(st.lists(ROW, max_size=4))
def test_a_table_gives_the_digest_of_each_row_without_media(rows: list[dict[str, object]]) -> None:
    table = pa.Table.from_pylist([row | MEDIA for row in rows], schema=SCHEMA)
    assert list(table_digests(table)) == [row_digest(row) for row in rows]


@given(ROW)
def test_pseudonyms_and_nulls_change_no_digest(row: dict[str, object]) -> None:
    known = {name: value for name, value in row.items() if value is not None}
    assert row_digest(row) == row_digest(known) == row_digest({**known, "annotator": "somebody else", "digest": "d"})


def test_a_table_without_rows_or_values_has_digests_all_the_same() -> None:
    empty = pa.Table.from_pylist([], schema=SCHEMA)
    nulls = pa.Table.from_pylist([{}, {}], schema=SCHEMA)
    assert list(table_digests(empty)) == []
    assert list(table_digests(nulls)) == [row_digest({})] * 2
