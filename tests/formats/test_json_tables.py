import json
from pathlib import Path

import pytest

from assurai_datasets.files.folder import Folder
from assurai_datasets.formats.tables import Row, TableFault, TableLimits, read_rows
from assurai_datasets.schema.codes import Code


def read(tmp_path: Path, content: bytes | str, name: str = "t.jsonl", **limits: int) -> list[Row | TableFault]:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_rows(Folder(tmp_path), name, limits=TableLimits(**limits)))


def summary(found: list[Row | TableFault]) -> list[tuple[int | None, object]]:
    return [(item.line, item.values.get("id") if isinstance(item, Row) else item.code) for item in found]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b'{"id": "x"', Code.DELIVERY_LINE_TORN),
        (b"nonsense", Code.DELIVERY_LINE_TORN),
        (b'{"id": "x"} {"id": "y"}', Code.DELIVERY_LINE_TORN),
        (b'{"id": "a\tb"}', Code.DELIVERY_LINE_TORN),
        (b'["id"]', Code.DELIVERY_ROW_NOT_OBJECT),
        (b"null", Code.DELIVERY_ROW_NOT_OBJECT),
        (b"3", Code.DELIVERY_ROW_NOT_OBJECT),
        (b'{"id": 1, "id": 2}', Code.DELIVERY_KEY_DUPLICATE),
        (b'{"media": {"path": "a", "path": "b"}}', Code.DELIVERY_KEY_DUPLICATE),
        (b'{"score": NaN}', Code.DELIVERY_NUMBER_NOT_FINITE),
        (b'{"score": -Infinity}', Code.DELIVERY_NUMBER_NOT_FINITE),
        (b'{"score": 1e999}', Code.DELIVERY_NUMBER_NOT_FINITE),
        (b'{"score": ' + b"9" * 5000 + b"}", Code.DELIVERY_NUMBER_NOT_FINITE),
        (b'{"text": "\\ud800"}', Code.DELIVERY_TEXT_UNDECODABLE),
        (b'{"\\uDfff": 1}', Code.DELIVERY_TEXT_UNDECODABLE),
        (b'{"text": "\xff\xfe"}', Code.DELIVERY_TEXT_UNDECODABLE),
        (b'{"text": "' + b"x" * 2000 + b'"}', Code.DELIVERY_LIMIT_EXCEEDED),
        (b'{"text": ' + b"[" * 40 + b"]" * 40 + b"}", Code.DELIVERY_LIMIT_EXCEEDED),
    ],
)
def test_a_bad_line_is_a_fault_and_the_rest_goes_on(tmp_path: Path, bad: bytes, code: Code) -> None:
    limit = 6000 if b"9999" in bad else 1500
    found = read(tmp_path, '{"id": "하나"}\n'.encode() + bad + b'\n\n{"id": "last"}', row_chars=limit)
    assert summary(found) == [(1, "하나"), (2, code), (4, "last")]


def test_nesting_that_exhausts_the_stack_is_a_fault_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = read(tmp_path, "[" * 100_000 + '\n{"a": ' * 1 + "[" * 50_000 + "]" * 50_000 + '}\n{"id": "last"}')
    assert summary(found) == [(1, Code.DELIVERY_LIMIT_EXCEEDED), (2, Code.DELIVERY_LIMIT_EXCEEDED), (3, "last")]


def test_a_pair_of_escaped_surrogates_is_a_character_and_no_fault(tmp_path: Path) -> None:
    (row,) = read(tmp_path, '{"id": "\\ud83d\\ude00"}')
    assert isinstance(row, Row)
    assert row.values == {"id": "😀"}


@pytest.mark.parametrize("name", ["t.jsonl", "t.json"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_unicode_encoding_gives_the_same_rows(tmp_path: Path, codec: str, name: str) -> None:
    lines = ['{"id": "a", "prompt": "안녕하세요, 똠방각하 펩시콜라"}', '{"id": "b"}']
    text = "\r\n".join(lines) if name == "t.jsonl" else f"[{', '.join(lines)}]"
    found = read(tmp_path, text.encode(codec), name)
    assert [row.values for row in found if isinstance(row, Row)] == [json.loads(line) for line in lines]
    assert len(found) == 2


@pytest.mark.parametrize("name", ["t.jsonl", "t.json"])
def test_korean_windows_text_is_read_with_a_warning_that_names_it(tmp_path: Path, name: str) -> None:
    text = '{"id": "a", "prompt": "안녕하세요"}\n{"id": "b", "prompt": "뷁"}\n'
    fault, *rows = read(tmp_path, text.encode("cp949"), name)
    assert isinstance(fault, TableFault)
    assert fault.code == Code.DELIVERY_ENCODING_LEGACY
    assert "CP949" in fault.message
    assert [row.values["prompt"] for row in rows if isinstance(row, Row)] == ["안녕하세요", "뷁"]


def test_one_bad_byte_in_korean_utf8_does_not_turn_the_file_into_mojibake(tmp_path: Path) -> None:
    lines = [f'{{"id": "{n}", "prompt": "대한민국 만세 {n}"}}'.encode() for n in range(9)]
    found = read(tmp_path, b"\n".join([*lines, b'{"id": "\xff"}']))
    assert summary(found) == [*((n + 1, str(n)) for n in range(9)), (10, Code.DELIVERY_TEXT_UNDECODABLE)]


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "a"},\n {"id":\n "b"}]',
        ' \n[\n{"id": "a"}\n, {"id": "b"} ] \n',
        '{"version": 2, "meta": {"x": [1]}, "rows": [{"id": "a"}, {"id": "b"}]}',
        '{"rows": [{"id": "a"}, {"id": "b"}], "more": null}',
        '{"id": "a"}\n{"id": "b"}\n',
        '\ufeff[{"id": "a"}, {"id": "b"}]',
    ],
)
def test_a_json_file_is_an_array_or_an_object_with_one_or_lines(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text, "t.json")
    assert [item.values if isinstance(item, Row) else item for item in found] == [{"id": "a"}, {"id": "b"}]


def test_the_rows_of_an_array_know_the_line_where_they_begin(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": "가나다" * 2000} for n in range(300)]
    found = read(tmp_path, json.dumps(rows, ensure_ascii=False, indent=1), "t.json")
    assert summary(found) == [(2 + 4 * n, str(n)) for n in range(300)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[{"id": "a"}, {"id": 1, "id": 2}, [], {"id": "b"}]',
            ["a", Code.DELIVERY_KEY_DUPLICATE, Code.DELIVERY_ROW_NOT_OBJECT, "b"],
        ),
        ('[{"id": "a"}, {"id": "b"', ["a", Code.DELIVERY_LINE_TORN]),
        ('[{"id": "a"}, {"id" "b"}, {"id": "c"}]', ["a", Code.DELIVERY_LINE_TORN]),
        ('[{"id": "a"} {"id": "b"}]', ["a", Code.DELIVERY_LINE_TORN]),
        ('[{"id": "a"}', ["a", Code.DELIVERY_LINE_TORN]),
        ('[{"id": "a"}] x', ["a", Code.DELIVERY_LINE_TORN]),
        ('[{"id": "a"}, {"id": "' + "x" * 3000 + '"}]', ["a", Code.DELIVERY_LIMIT_EXCEEDED]),
        ('[{"id": "a"}, ' + "[" * 100_000, ["a", Code.DELIVERY_LIMIT_EXCEEDED]),
        ('{"x": [{"id": "a"}], "y": [{"id": "b"}]}', ["a", Code.DELIVERY_ROW_NOT_OBJECT]),
        ('{"x": [{"id": "a"}]', ["a", Code.DELIVERY_LINE_TORN]),
        ('{"x": 1}', [Code.DELIVERY_LINE_TORN]),
        ("", [Code.DELIVERY_LINE_TORN]),
        ("nonsense", [Code.DELIVERY_LINE_TORN]),
        ('{"x" 1}', [Code.DELIVERY_LINE_TORN]),
        ("{1: 2}", [Code.DELIVERY_LINE_TORN]),
        ("[]", []),
    ],
)
def test_a_json_file_gives_what_can_be_read_and_then_says_what_is_wrong(
    tmp_path: Path, text: str, expected: list[object]
) -> None:
    found = read(tmp_path, text, "t.json", row_chars=2000)
    assert [item.values["id"] if isinstance(item, Row) else item.code for item in found] == expected


def test_a_name_that_leads_out_or_to_nothing_or_to_no_table_is_a_fault_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_text("x")
    folder = Folder(tmp_path)
    names = ("../t.jsonl", "none.jsonl", "notes.docx")
    codes = [item.code for name in names for item in read_rows(folder, name) if isinstance(item, TableFault)]
    assert codes == [Code.DELIVERY_PATH_ESCAPES, Code.DELIVERY_FILE_MISSING, Code.DELIVERY_FORMAT_UNKNOWN]


def test_a_long_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    import tracemalloc

    row = json.dumps({"id": "x", "text": "가" * 1000}, ensure_ascii=False)
    for name, text in (("t.jsonl", f"{row}\n" * 4000), ("t.json", f"[{','.join([row] * 4000)}]")):
        (tmp_path / name).write_text(text)
        tracemalloc.start()
        assert sum(1 for _ in read_rows(Folder(tmp_path), name)) == 4000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 7 * 2**20
