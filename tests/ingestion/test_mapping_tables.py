from pathlib import Path

import pytest

from assurai_datasets.errors import UnknownNameError
from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import TableFault
from assurai_datasets.ingestion.mapping import MappedRow, load_mapping, map_tables, packaged_mappings, parse_mapping
from assurai_datasets.schema.codes import Code

HEAD = "format: assurai-mapping/1\ntables:\n"
MODELS = f"""{HEAD}
- files: prompts.csv
  instances: [{{merge: [responses], fields: {{id: id, prompt: text}}}}]
- files: answers/*.csv
  instances: [{{merge: [responses], fields: {{id: id, responses: {{list: [{{object: {{text: answer}}}}]}}}}}}]
"""


def made(folder: Path, mapping: str, **declared: str) -> list[MappedRow | TableFault]:
    return list(map_tables(parse_mapping(mapping.encode(), "m.yaml"), Folder(folder), **declared))


def test_rows_of_several_files_with_one_id_are_one_instance(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "prompts.csv").write_text("id,text\na,물음\nb,물음 둘\n")
    (tmp_path / "answers/1.csv").write_text("id,answer\nb,하나\na,하나\n")
    (tmp_path / "answers/2.csv").write_text("id,answer\na,둘\n")
    assert [item.row.values for item in made(tmp_path, MODELS) if isinstance(item, MappedRow)] == [
        {"id": "a", "prompt": "물음", "responses": [{"text": "하나"}, {"text": "둘"}]},
        {"id": "b", "prompt": "물음 둘", "responses": [{"text": "하나"}]},
    ]


def test_rows_that_contradict_one_another_are_not_made_one(tmp_path: Path) -> None:
    (tmp_path / "prompts.csv").write_text("id,text\na,물음\na,다른 물음\n")
    found = made(tmp_path, MODELS)
    assert [item.row.values["prompt"] for item in found if isinstance(item, MappedRow)] == ["물음", "다른 물음"]
    assert [item.code for item in found if isinstance(item, TableFault)] == [Code.DELIVERY_FILE_MISSING]


def test_a_table_without_files_takes_those_the_delivery_names(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("id\na\n")
    (tmp_path / "j.csv").write_text("who\nx\n")
    mapping = f"{HEAD}- instances: [{{fields: {{id: id}}}}]\n- annotations: [{{fields: {{annotator_id: who}}}}]\n"
    kinds = [
        item.kind
        for item in made(tmp_path, mapping, instances="[i].csv", annotations="j.csv")
        if isinstance(item, MappedRow)
    ]
    assert kinds == ["instance", "annotation"]
    codes = [item.code for item in made(tmp_path, mapping, instances="i.csv") if isinstance(item, TableFault)]
    assert codes == [Code.DELIVERY_FILE_MISSING]


def test_a_pattern_that_climbs_is_a_fault(tmp_path: Path) -> None:
    (fault,) = made(tmp_path, f"{HEAD}- {{files: '../*.csv', instances: [{{fields: {{id: id}}}}]}}\n")
    assert isinstance(fault, TableFault)
    assert fault.code == Code.DELIVERY_PATH_ESCAPES


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'kobbq'.*klue-sts"):
        load_mapping("kobq")


def test_a_mapping_is_loaded_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(f"{HEAD}- instances: [{{fields: {{id: id}}}}]\n")
    assert load_mapping(tmp_path / "m.yaml").tables[0].instances[0].fields["id"].column == "id"


def test_the_packaged_mappings_are_those_promised_and_say_what_they_do() -> None:
    assert packaged_mappings() == ("klue-sts", "kobbq", "kosbi", "square-questions", "square-responses", "xstest")
    for name in packaged_mappings():
        mapping = load_mapping(name)
        assert mapping.about
        assert mapping.settings.name == name
        assert mapping.settings.license


@pytest.mark.parametrize(
    ("name", "folder", "instances", "annotations"),
    [
        ("kobbq", "kobbq", 2280, 0),
        ("kosbi", "kosbi", 3423, 0),
        ("square-questions", "square", 255, 765),
        ("square-responses", "square", 480, 1440),
        ("klue-sts", "klue_sts", 0, 3262),
        ("xstest", "xstest", 450, 1800),
    ],
)
def test_real_datasets_come_in_whole_without_a_fault(
    real_folder: Path, name: str, folder: str, instances: int, annotations: int
) -> None:
    found = list(map_tables(load_mapping(name), Folder(real_folder / folder)))
    assert [item for item in found if isinstance(item, TableFault)] == []
    rows = [item for item in found if isinstance(item, MappedRow)]
    ids = [item.row.values["id"] for item in rows if item.kind == "instance"]
    assert (len(ids), len(set(ids)), len(rows) - len(ids)) == (instances, instances, annotations)


def test_xstest_has_both_models_answers_and_klue_519_units(real_folder: Path) -> None:
    instances = [
        item.row.values
        for item in map_tables(load_mapping("xstest"), Folder(real_folder / "xstest"))
        if isinstance(item, MappedRow) and item.kind == "instance"
    ]
    assert {tuple(r["model"] for r in values["responses"]) for values in instances} == {
        ("gpt-4", "llama-2-70b-chat-original")
    }
    assert sum(values["benign"] for values in instances) == 250
    ratings = map_tables(load_mapping("klue-sts"), Folder(real_folder / "klue_sts"))
    units = [item.row.values for item in ratings if isinstance(item, MappedRow)]
    assert len({values["instance_id"] for values in units}) == 519
    assert sum(values["labels"]["similarity"] == 0 for values in units) == 552
