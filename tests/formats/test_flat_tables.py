from collections.abc import Callable
from pathlib import Path

import pytest

from assurai_datasets.files.folder import Folder
from assurai_datasets.formats.tables import Row, TableFault, TableLimits, read_rows
from assurai_datasets.schema.codes import Code

Found = list[Row | TableFault]
Read = Callable[..., Found]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes | str, name: str = "t.csv", **limits: int) -> Found:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_rows(Folder(tmp_path), name, limits=TableLimits(**limits)))

    return read


def values(found: Found) -> list[object]:
    return [item.values if isinstance(item, Row) else item.code for item in found]


def lines(found: Found) -> list[int | None]:
    return [item.line for item in found]


TABLE = [{"id": "a", "prompt": "첫째, 질문"}, {"id": "b", "prompt": '둘째\n"질문"'}]
TEXTS = {
    "t.csv": 'id,prompt\r\na,"첫째, 질문"\r\nb,"둘째\n""질문"""\r\n',
    "t.tsv": 'id\tprompt\na\t첫째, 질문\nb\t"둘째\n""질문"""\n',
}


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "T.CSV"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_every_unicode_encoding_gives_the_same_rows(read: Read, name: str, codec: str) -> None:
    found = read(TEXTS[name.lower()].encode(codec), name)
    assert values(found) == TABLE
    assert lines(found) == [2, 3]
    assert all(isinstance(row, Row) and row.flat and row.file == name for row in found)


def test_korean_windows_text_is_read_with_a_warning_that_names_it(read: Read) -> None:
    fault, *rows = read(TEXTS["t.csv"].encode("cp949"))
    assert isinstance(fault, TableFault)
    assert (fault.code, "CP949" in fault.message) == (Code.DELIVERY_ENCODING_LEGACY, True)
    assert values(rows) == TABLE


def test_bytes_of_no_known_encoding_cost_only_their_row(read: Read) -> None:
    found = read(b"id,prompt\na,caf\xe9\nb,plain\n")
    assert values(found) == [Code.DELIVERY_TEXT_UNDECODABLE, {"id": "b", "prompt": "plain"}]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_may_be_separated_by_semicolons_or_tabs(read: Read, separator: str) -> None:
    assert values(read(f"id{separator}n\na{separator}1\n")) == [{"id": "a", "n": "1"}]


def test_blank_lines_and_blank_cells_at_the_end_are_passed_over(read: Read) -> None:
    found = read("id,n,,\n\na,1,,\n,,,\nb,2\n")
    assert values(found) == [{"id": "a", "n": "1"}, {"id": "b", "n": "2"}]
    assert lines(found) == [3, 5]


def test_ragged_rows_are_faults_and_the_rest_goes_on(read: Read) -> None:
    found = read("id,n\na\nb,2\nc,3,x\n")
    assert values(found) == [Code.DELIVERY_ROW_RAGGED, {"id": "b", "n": "2"}, Code.DELIVERY_ROW_RAGGED]
    assert lines(found) == [2, 3, 4]


def test_a_column_named_twice_refuses_the_table(read: Read) -> None:
    (fault,) = read("id, prompt ,prompt\na,b,c\n")
    assert isinstance(fault, TableFault)
    assert (fault.code, fault.line, "'prompt'" in fault.message) == (Code.DELIVERY_COLUMN_DUPLICATE, 1, True)


def test_a_column_without_a_name_is_called_by_its_number(read: Read) -> None:
    assert values(read(",id\n0,a\n")) == [{"column_1": "0", "id": "a"}]


def test_a_quotation_mark_that_is_not_closed_names_the_lines_it_swallowed(read: Read) -> None:
    good, fault = read('id,n\na,1\nb,"2\nc,3\nd,4\n')
    assert isinstance(fault, TableFault)
    assert (fault.code, fault.line, "lines 3 to 5" in fault.message) == (Code.DELIVERY_LINE_TORN, 3, True)
    assert values([good]) == [{"id": "a", "n": "1"}]


def test_text_after_a_closing_quotation_mark_is_torn_and_the_rest_goes_on(read: Read) -> None:
    assert values(read('id,n\n"a"x,1\nb,2\n')) == [Code.DELIVERY_LINE_TORN, {"id": "b", "n": "2"}]


@pytest.mark.parametrize("row", ["x" * 3000, ",".join("x" * 1500), '"' + "x\n" * 1500])
def test_a_record_beyond_the_limit_is_a_fault_and_the_rest_goes_on(read: Read, row: str) -> None:
    found = read(f"id,n\n{row}\n\nlast,1\n", row_chars=1000)
    assert values(found)[0] == Code.DELIVERY_LIMIT_EXCEEDED
    assert values(found)[-1] == {"id": "last", "n": "1"}


def test_a_header_of_endless_columns_is_refused(read: Read) -> None:
    assert values(read(",".join(f"c{n}" for n in range(3000)) + "\na\n")) == [Code.DELIVERY_LIMIT_EXCEEDED]


def test_rows_beyond_the_limit_are_said_to_be_unread(read: Read) -> None:
    assert values(read("id\na\nb\nc\n", rows=2)) == [{"id": "a"}, {"id": "b"}, Code.DELIVERY_LIMIT_EXCEEDED]
    assert values(read("id\na\nb\n", rows=2)) == [{"id": "a"}, {"id": "b"}]


@pytest.mark.parametrize("content", ["", "id,n\n", "\n\n"])
def test_a_table_without_rows_gives_none(read: Read, content: str) -> None:
    assert read(content) == []


def test_the_real_kobbq_table_is_read_whole(real_folder: Path) -> None:
    found = list(read_rows(Folder(real_folder / "kobbq"), "KoBBQ_test_samples.tsv"))
    assert len(found) == 2280
    assert all(isinstance(row, Row) for row in found)
