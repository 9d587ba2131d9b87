import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assurai_datasets.files.folder import Folder
from assurai_datasets.formats.tables import Row, TableFault, TableLimits, read_rows
from assurai_datasets.formats.tables.workbook import OLE_MARK
from assurai_datasets.schema.codes import Code

Found = list[Row | TableFault]


def workbook(**sheets: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Found]:
    def read(book: openpyxl.Workbook | bytes, name: str = "t.xlsx", **limits: int) -> Found:
        path = tmp_path / "t.xlsx"
        path.write_bytes(book) if isinstance(book, bytes) else book.save(path)
        return list(read_rows(Folder(tmp_path), name, limits=TableLimits(**limits)))

    return read


def edited(book: openpyxl.Workbook, part: str, edit: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook's bytes with one part changed."""
    saved, changed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)) if name == part else old.read(name))
    return changed.getvalue()


def codes(found: Found) -> list[Code]:
    return [item.code for item in found if isinstance(item, TableFault)]


def rows(found: Found) -> list[dict[str, Any]]:
    return [item.values for item in found if isinstance(item, Row)]


def test_rows_know_their_sheet_and_row_and_keep_the_types_of_cells(read: Callable[..., Found]) -> None:
    found = read(workbook(첫장=[["id", "n", "ok"], [], ["가", 9, True], ["나", 2.5, None]]))
    assert [(row.file, row.line) for row in found] == [("t.xlsx#첫장", 3), ("t.xlsx#첫장", 4)]
    assert rows(found) == [{"id": "가", "n": 9, "ok": True}, {"id": "나", "n": 2.5, "ok": None}]


def test_every_visible_sheet_is_a_table_and_a_hidden_one_is_named(read: Callable[..., Found]) -> None:
    book = workbook(A=[["id"], ["a"]], B=[["id"], ["b"]], C=[["id"], ["c"]])
    book["B"].sheet_state = "hidden"
    found = read(book)
    assert rows(found) == [{"id": "a"}, {"id": "c"}]
    assert [(item.code, item.file) for item in found if isinstance(item, TableFault)] == [
        (Code.DELIVERY_SHEET_HIDDEN, "t.xlsx#B")
    ]


def test_one_sheet_is_read_where_it_is_named_even_if_hidden(read: Callable[..., Found]) -> None:
    book = workbook(A=[["id"], ["a"]], B=[["id"], ["b"]])
    book["B"].sheet_state = "hidden"
    assert rows(read(book, "t.xlsx#B")) == [{"id": "b"}]
    assert codes(read(book, "t.xlsx#D")) == [Code.DELIVERY_FILE_UNREADABLE]


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("https://example.org")'])
def test_a_formula_is_refused_with_its_cell(read: Callable[..., Found], formula: str) -> None:
    found = read(workbook(S=[["id", "n"], ["a", formula], ["b", 2]]))
    (fault,) = [item for item in found if isinstance(item, TableFault)]
    assert (fault.code, fault.file, fault.line) == (Code.DELIVERY_CELL_FORMULA, "t.xlsx#S", 2)
    assert "B2" in fault.message
    assert rows(found) == [{"id": "b", "n": 2}]


def test_an_error_value_is_refused_and_text_that_looks_like_a_formula_is_not(read: Callable[..., Found]) -> None:
    book = workbook(S=[["id"], ["#REF!"], ["x"]])
    book["S"]["A3"].value = "=not a formula"
    book["S"]["A3"].data_type = "s"
    found = read(book)
    assert codes(found) == [Code.DELIVERY_CELL_FORMULA]
    assert rows(found) == [{"id": "=not a formula"}]


def test_a_date_is_read_as_text_with_one_warning_a_column(read: Callable[..., Found]) -> None:
    day, moment = dt.date(2024, 3, 1), dt.datetime(2024, 3, 1, 9, 30)  # noqa: DTZ001 - Excel knows no zones
    found = read(workbook(S=[["id", "choice", "created_at"], ["a", day, moment], ["b", day, day]]))
    assert codes(found) == [Code.DELIVERY_CELL_DATE]
    assert rows(found) == [
        {"id": "a", "choice": "2024-03-01", "created_at": "2024-03-01T09:30:00"},
        {"id": "b", "choice": "2024-03-01", "created_at": "2024-03-01"},
    ]


def test_line_breaks_and_escaped_control_characters_are_the_characters_meant(read: Callable[..., Found]) -> None:
    book = workbook(S=[["id"], ["first\nsecond"], ["x_x0008_y"], ["snake_x0041_case"]])
    assert [row["id"] for row in rows(read(book))] == ["first\nsecond", "x\x08y", "snake_x0041_case"]


def test_ragged_and_duplicate_columns_are_faults(read: Callable[..., Found]) -> None:
    found = read(workbook(A=[["id", "id"], ["a", "b"]], B=[["id"], ["a", "more"], ["b"]]))
    assert codes(found) == [Code.DELIVERY_COLUMN_DUPLICATE, Code.DELIVERY_ROW_RAGGED]
    assert rows(found) == [{"id": "b"}]


def test_a_sheet_that_lies_about_its_size_is_read_whole(read: Callable[..., Found]) -> None:
    def lie(xml: bytes) -> bytes:
        return xml.replace(b'ref="A1:A3"', b'ref="A1:A1"')

    assert len(rows(read(edited(workbook(S=[["id"], ["a"], ["b"]]), "xl/worksheets/sheet1.xml", lie)))) == 2


def test_a_row_number_beyond_any_sheet_does_not_count_up_to_it(read: Callable[..., Found]) -> None:
    def jump(xml: bytes) -> bytes:
        return xml.replace(b'<row r="3"', b'<row r="99999999999"')

    assert len(rows(read(edited(workbook(S=[["id"], ["a"], ["b"]]), "xl/worksheets/sheet1.xml", jump)))) == 1


def test_entities_are_refused(read: Callable[..., Found]) -> None:
    def bomb(xml: bytes) -> bytes:
        entities = b'<!ENTITY a "x">' + b"".join(b'<!ENTITY %c "&%c;&%c;">' % (n, n - 1, n - 1) for n in range(98, 122))
        return b"<!DOCTYPE x [" + entities + b"]>" + xml[xml.index(b"<worksheet") :].replace(b"<v>1</v>", b"<v>&y;</v>")

    assert codes(read(edited(workbook(S=[["id"], [1]]), "xl/worksheets/sheet1.xml", bomb))) == [
        Code.DELIVERY_FILE_UNREADABLE
    ]


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(read: Callable[..., Found]) -> None:
    def swell(xml: bytes) -> bytes:
        return xml + b" " * 2**22

    bomb = edited(workbook(S=[["id"], [1]]), "xl/worksheets/sheet1.xml", swell)
    assert len(bomb) < 2**15
    assert codes(read(bomb, unpacked_bytes=2**21)) == [Code.DELIVERY_LIMIT_EXCEEDED]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"id,n\n", OLE_MARK + b"\x00" * 600])
def test_what_is_no_workbook_is_said_to_be_none(read: Callable[..., Found], content: bytes) -> None:
    assert codes(read(content)) == [Code.DELIVERY_FILE_UNREADABLE]


def test_a_damaged_workbook_gives_a_fault_wherever_it_is_cut(read: Callable[..., Found]) -> None:
    saved = io.BytesIO()
    workbook(S=[["id", "n"], *([f"row {n}", n] for n in range(50))]).save(saved)
    whole = saved.getvalue()
    for at in range(30, len(whole), 97):
        damaged = whole[:at] + bytes(byte ^ 0x5A for byte in whole[at : at + 20]) + whole[at + 20 :]
        assert all(isinstance(item, Row | TableFault) for item in read(damaged))
