from typing import Any

import pytest

from assurai_datasets.formats.tables import CellKind, nest_columns, parse_cell


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        (None, "text", None),
        ("", "integer", None),
        (" \t", "text", None),
        (" 가 ", "text", " 가 "),
        (17, "text", "17"),
        (17.0, "text", "17"),
        (2.5, "text", "2.5"),
        (True, "text", "true"),
        ("9", "integer", 9),
        (" -3 ", "integer", -3),
        (9.0, "integer", 9),
        ("r04", "integer", "r04"),
        ("4.5", "integer", "4.5"),
        ("9" * 5000, "integer", "9" * 5000),
        ("４", "integer", "４"),
        ("4.5", "number", 4.5),
        ("4", "number", 4),
        ("nan", "number", "nan"),
        ("1e999", "number", "1e999"),
        ("TRUE", "boolean", True),
        ("0", "boolean", False),
        (1, "boolean", True),
        (False, "boolean", False),
        ("yes", "boolean", "yes"),
        ('["a", "b"]', "json", ["a", "b"]),
        ('{"path": "x"}', "json", {"path": "x"}),
        ("[1, 2", "json", "[1, 2"),
        ('{"a": 1, "a": 2}', "json", '{"a": 1, "a": 2}'),
        ("[NaN]", "json", "[NaN]"),
        ("plain", "json", "plain"),
        ("[" * 5000, "json", "[" * 5000),
    ],
)
def test_a_cell_gives_its_value_or_stays_as_it_is(cell: Any, kind: CellKind, value: Any) -> None:
    found = parse_cell(cell, kind)
    assert found == value
    assert type(found) is type(value)


def test_dotted_columns_nest_and_blank_cells_are_left_out() -> None:
    cells = {"id": "a", "media.path": "x.png", "media.license": "", "labels.acceptable": "yes", "labels.tone": "calm"}
    assert nest_columns(cells) == {
        "id": "a",
        "media": {"path": "x.png"},
        "labels": {"acceptable": "yes", "tone": "calm"},
    }


def test_a_dotted_column_that_has_no_room_stays_as_it_is_named() -> None:
    assert nest_columns({"media": "x.png", "media.path": "y.png"}) == {"media": "x.png", "media.path": "y.png"}
    assert nest_columns({"media.path": "y.png", "media": "x.png"}) == {"media": "x.png", "media.path": "y.png"}
    assert nest_columns({".a": "1", "b.": "2", "c..d": "3"}) == {".a": "1", "b.": "2", "c..d": "3"}
