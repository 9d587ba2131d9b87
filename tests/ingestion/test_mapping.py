from textwrap import dedent, indent
from typing import Any

import pytest

from assurai_datasets.formats.tables import Row, TableFault
from assurai_datasets.ingestion.mapping import MappedRow, Mapping, MappingError, apply_mapping, parse_mapping
from assurai_datasets.schema.codes import Code


def mapping_of(tables: str) -> Mapping:
    text = f"format: assurai-mapping/1\ntables:\n{indent(dedent(tables).strip(), '  ')}\n"
    return parse_mapping(text.encode(), "m.yaml")


def made_of(tables: str, *rows: dict[str, Any], flat: bool = False) -> list[MappedRow | TableFault]:
    (table,) = mapping_of(tables).tables
    return list(apply_mapping(table, [Row("t.csv", line, values, flat) for line, values in enumerate(rows, start=2)]))


def value_of(rule: str, row: dict[str, Any]) -> Any:
    """What one rule gives on one row: the value of a field, None where it is left out, or the code of a fault."""
    (made,) = made_of(f"- {{ignore: ['*'], instances: [{{fields: {{prompt: {rule}}}}}]}}", row)
    return made.row.values.get("prompt") if isinstance(made, MappedRow) else made.code


@pytest.mark.parametrize(
    ("rule", "row", "value"),
    [
        ("q", {"q": "물음"}, "물음"),
        ("q", {"q": " "}, None),
        ("q", {}, None),
        ("{column: [a, b, 1]}", {"a": {"b": ["x", "y"]}}, "y"),
        ("{column: [a, b, 7]}", {"a": {"b": ["x"]}}, None),
        ("{column: [a, b]}", {"a": "text"}, None),
        ("{column: q, default: none}", {"q": ""}, "none"),
        ("{constant: text}", {}, "text"),
        ("{constant: [1, 2]}", {}, [1, 2]),
        ("{columns: [a, b, c], join: ' '}", {"a": "x", "b": "", "c": 3}, "x 3"),
        ("{template: 'k-{id}-{row:03}'}", {"id": 7}, "k-7-001"),
        ("{template: 'k-{id}'}", {"id": ""}, None),
        ("{template: '{a}-{b}'}", {"a": "x", "b": None}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{template: '{q.__class__}'}", {"q": "x"}, None),
        ("{template: '{q[0]}'}", {"q": "x"}, None),
        ("{column: q, split: '|'}", {"q": "a | b||c"}, ["a", "b", "c"]),
        ("{column: q, split: '-', item: -1}", {"q": "a-b-c"}, "c"),
        ("{column: q, split: '-', item: 5}", {"q": "a-b-c"}, None),
        ("{column: q, read: json}", {"q": '["a", 2]'}, ["a", 2]),
        ("{column: q, read: json}", {"q": "[1, 2"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: json}", {"q": "[NaN]"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: json}", {"q": "[" * 9999}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: python}", {"q": "['손자', \"할머니\", ('x', True)]"}, ["손자", "할머니", ["x", True]]),
        ("{column: q, read: python}", {"q": "__import__('os').getcwd()"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: python}", {"q": "2**9999999"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: python}", {"q": "[1e999]"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: python}", {"q": "{1, 2}"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: python}", {"q": "[" * 9999}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: python}", {"q": "-" * 99999 + "1"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, read: python}", {"q": "'\\d'"}, "\\d"),
        ("{column: q, read: python}", {"q": "'" + "x" * 300_000 + "'"}, Code.DELIVERY_VALUE_UNREADABLE),
        ("{column: q, values: {a: 1, '2': two, true: yes}}", {"q": "a"}, 1),
        ("{column: q, values: {a: 1, '2': two, true: yes}}", {"q": 2.0}, "two"),
        ("{column: q, values: {a: 1, '2': two, true: 'yes'}}", {"q": True}, "yes"),
        ("{column: q, values: {a: 1}}", {"q": ["a", "a"]}, [1, 1]),
        ("{column: q, values: {a: 1}}", {"q": "b"}, Code.DELIVERY_VALUE_UNMAPPED),
        ("{column: q, values: {a: 1}, otherwise: 0}", {"q": "b"}, 0),
        ("{column: q, choose: {b: second, a: first}}", {"q": ["a", "b"]}, "second"),
        ("{column: q, choose: {a: first}, otherwise: other}", {"q": ["c"]}, "other"),
        ("{column: q, choose: {a: first}}", {"q": "c"}, Code.DELIVERY_VALUE_UNMAPPED),
        ("{column: q, position_in: {column: c, split: '/'}}", {"q": "b", "c": "a/b"}, [1]),
        ("{column: q, position_in: c}", {"q": ["b", "a"], "c": ["a", "b"]}, [1, 0]),
        ("{column: q, position_in: c}", {"q": "x", "c": ["a"]}, Code.DELIVERY_VALUE_UNMAPPED),
        ("{column: q, type: integer}", {"q": "9"}, 9),
        ("{column: q, type: text}", {"q": 18114}, "18114"),
        ("{column: q, split: ',', type: number}", {"q": "1,2.5"}, [1, 2.5]),
        ("{list: [a, b, {constant: c}]}", {"a": "x", "b": ""}, ["x", "c"]),
        ("{object: {x: a, y: b}}", {"a": 1}, {"x": 1}),
        ("{object: {x: a}}", {}, None),
    ],
)
def test_a_rule_gives_one_value_of_a_row(rule: str, row: dict[str, Any], value: Any) -> None:
    assert value_of(rule, row) == value


def test_a_digest_makes_an_id_that_does_not_depend_on_the_order_of_rows() -> None:
    rule = "{template: 'k-{digest}', digest: [a, b]}"
    one, other = value_of(rule, {"a": "x", "b": "y"}), value_of(rule, {"b": "y", "a": "x", "c": 1})
    assert one == other != value_of(rule, {"a": "xy", "b": ""})
    assert len(one) == len("k-") + 12


def test_records_keep_the_file_and_line_of_their_row() -> None:
    made = made_of("- {instances: [{fields: {id: a}}]}", {"a": "x"}, {"a": "y"})
    assert [item.row for item in made if isinstance(item, MappedRow)] == [
        Row("t.csv", 2, {"id": "x"}),
        Row("t.csv", 3, {"id": "y"}),
    ]


def test_dotted_fields_are_nested() -> None:
    (made,) = made_of("- {instances: [{fields: {media.path: p, media.license: l}}]}", {"p": "a.png", "l": ""})
    assert isinstance(made, MappedRow)
    assert made.row.values == {"media": {"path": "a.png"}}


def test_a_row_with_a_fault_gives_nothing_and_the_next_goes_on() -> None:
    tables = """
        - instances: [{fields: {id: id, risk_factor: {column: r, values: {hate: 8}}}}]
          annotations: [{fields: {annotator_id: id}}]
    """
    made = made_of(tables, {"id": "a", "r": "?"}, {"id": "b", "r": "hate"})
    fault, *rest = made
    assert isinstance(fault, TableFault)
    assert (fault.code, fault.file, fault.line) == (Code.DELIVERY_VALUE_UNMAPPED, "t.csv", 2)
    assert [item.row.values.get("id") for item in rest if isinstance(item, MappedRow)] == ["b", None]


def test_faults_of_the_table_pass_through() -> None:
    torn = TableFault(Code.DELIVERY_LINE_TORN, "t.csv", 3, "torn", "mend")
    (table,) = mapping_of("- {instances: [{fields: {id: a}}]}").tables
    assert list(apply_mapping(table, [torn])) == [torn]


def annotations_of(tables: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    made = made_of(tables, *rows)
    assert not any(isinstance(item, TableFault) for item in made), made
    return [item.row.values for item in made if isinstance(item, MappedRow) and item.kind == "annotation"]


def test_annotators_stand_as_rows() -> None:
    tables = "- {annotations: [{fields: {instance_id: id, annotator_id: who, labels.tone: tone}}]}"
    assert annotations_of(tables, {"id": "a", "who": "x", "tone": "calm"}) == [
        {"instance_id": "a", "annotator_id": "x", "labels": {"tone": "calm"}}
    ]


def test_annotators_stand_as_columns_and_blank_cells_judge_nothing() -> None:
    tables = """
        - instances: [{fields: {id: id}}]
          annotations:
            - annotators: {rater_1: ann, rater_2: bob, rater_3: cho}
              fields: {annotator_id: _annotator, safety_score: {column: _item, type: integer}}
    """
    assert annotations_of(tables, {"id": "a", "rater_1": "5", "rater_2": "", "rater_3": "1"}) == [
        {"instance_id": "a", "annotator_id": "ann", "safety_score": 5},
        {"instance_id": "a", "annotator_id": "cho", "safety_score": 1},
    ]


def test_annotators_stand_in_nested_lists_and_one_of_them_says_several_things() -> None:
    tables = """
        - instances: [{fields: {id: id}}]
          annotations:
            - {each: {column: [raw, q1]}, fields: {annotator_id: {column: worker, type: text}, labels.tone: tone}}
            - {each: {column: [raw, q2]}, fields: {annotator_id: {column: worker, type: text}, labels.clear: clear}}
    """
    raw = {"q1": [{"worker": 1, "tone": "calm"}, {"worker": 2, "tone": "harsh"}], "q2": [{"worker": 2, "clear": True}]}
    assert annotations_of(tables, {"id": "a", "raw": raw}) == [
        {"instance_id": "a", "annotator_id": "1", "labels": {"tone": "calm"}},
        {"instance_id": "a", "annotator_id": "2", "labels": {"tone": "harsh", "clear": True}},
    ]


def test_an_annotator_who_contradicts_himself_is_kept_twice() -> None:
    tables = "- {annotations: [{each: raw, fields: {instance_id: id, annotator_id: who, safety_score: score}}]}"
    raw = [{"who": "x", "score": 1}, {"who": "x", "score": 5}]
    assert [values["safety_score"] for values in annotations_of(tables, {"id": "a", "raw": raw})] == [1, 5]


def test_annotators_stand_in_lists_side_by_side() -> None:
    tables = """
        - annotations:
            - zip: {who: raters, score: ratings}
              fields: {instance_id: id, annotator_id: who, safety_score: score}
    """
    row = {"id": "a", "raters": ["x", "y"], "ratings": [0, 5]}
    assert [(v["annotator_id"], v["safety_score"]) for v in annotations_of(tables, row)] == [("x", 0), ("y", 5)]
    (fault,) = made_of(tables, {**row, "ratings": [1]})
    assert isinstance(fault, TableFault)
    assert fault.code == Code.DELIVERY_VALUE_UNREADABLE


def test_one_row_gives_several_instances_and_only_where_a_column_says_so() -> None:
    tables = """
        - instances:
            - each: questions
              when: {kind: [open, 1]}
              fields: {id: {template: '{set}-{_index}'}, prompt: _item}
    """
    made = made_of(
        tables,
        {"set": "s", "kind": "open", "questions": ["가", "나"]},
        {"set": "t", "kind": "closed", "questions": ["다"]},
        {"set": "u", "kind": 1.0, "questions": ["라"]},
    )
    assert [item.row.values for item in made if isinstance(item, MappedRow)] == [
        {"id": "s-0", "prompt": "가"},
        {"id": "s-1", "prompt": "나"},
        {"id": "u-0", "prompt": "라"},
    ]


def test_a_question_with_its_responses_is_one_instance() -> None:
    tables = """
        - instances:
            - fields:
                id: id
                responses: {list: [{object: {model: {constant: m}, text: answer_1}}, {object: {text: answer_2}}]}
    """
    (made,) = made_of(tables, {"id": "a", "answer_1": "예", "answer_2": "아니요"})
    assert isinstance(made, MappedRow)
    assert made.row.values["responses"] == [{"model": "m", "text": "예"}, {"text": "아니요"}]


def test_a_column_the_flat_table_lacks_is_said_once_and_no_row_is_read() -> None:
    tables = "- {instances: [{fields: {id: id, prompt: question}}]}"
    (fault,) = made_of(tables, {"id": "a", "quesion": "x"}, {"id": "b", "quesion": "y"}, flat=True)
    assert isinstance(fault, TableFault)
    assert fault.code == Code.DELIVERY_COLUMN_MISSING
    assert "'question'" in fault.message
    assert "'quesion'" in fault.hint


def test_a_column_the_mapping_does_not_name_is_said_once() -> None:
    made = made_of("- {ignore: [b], instances: [{fields: {id: a}}]}", {"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 3})
    faults = [item for item in made if isinstance(item, TableFault)]
    assert [(fault.code, "'c'" in fault.message) for fault in faults] == [(Code.DELIVERY_COLUMN_UNMAPPED, True)]
    assert len(made) == 3


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("- instances:\n  - fields:\n      prompt: {colum: q}", 5, "colum"),
        ("- instances:\n  - fields:\n      id: a\n      promt: q", 6, "did you mean 'prompt'"),
        ("- annotations:\n  - fields:\n      annotator: a", 5, "no field 'annotator'"),
        ("- files: x.csv", 3, "say what the rows become"),
        ("- instances:\n  - fields:\n      id: {template: 'a{b'}", 5, "brace"),
        ("- instances:\n  - fields:\n      id: {column: a, constant: b}", 5, "exactly one"),
        ("- instances:\n  - fields:\n      id: {split: a}", 5, "exactly one"),
        ("- instances:\n  - fields:\n      id: {column: a, otherwise: b}", 5, "otherwise"),
        ("- instances:\n  - fields:\n      id: a\n      id: b", 6, "twice"),
        ("- instances:\n  - fields:\n      id: 3", 5, "id"),
        ("- instances:\n  - fields: {}", 4, "fields"),
        ("- instances:\n  - {each: a, zip: {b: c}, fields: {id: a}}", 4, "at most one"),
        ("- instances:\n  - fields:\n      id: !!python/name:os.system x", 5, "tag"),
        ("- instances: [", 3, "not YAML"),
        ("- instances:\n  - fields:\n      id:\n        object:\n          x: {read: perl, column: a}", 7, "read"),
    ],
)
def test_an_error_of_a_mapping_names_its_line(text: str, line: int, found: str) -> None:
    with pytest.raises(MappingError, match=found) as caught:
        parse_mapping(f"format: assurai-mapping/1\ntables:\n{text}\n".encode(), "m.yaml")
    assert caught.value.line == line
    assert f"m.yaml:{line}:" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"text", b"\xff\xfe", b"format: other/1\ntables: []", b"a: *b"])
def test_what_is_no_mapping_is_refused(data: bytes) -> None:
    with pytest.raises(MappingError):
        parse_mapping(data, "m.yaml")
