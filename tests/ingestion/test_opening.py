import shutil
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.ingestion.mapping import MappedRow, load_mapping, parse_mapping
from assurai_datasets.ingestion.opening import Opened, open_delivery
from assurai_datasets.schema.codes import Code

SETTINGS = "format: assurai-delivery/1\nname: n\nlanguage: ko\nlicense: mit\n"
MAPPING = "format: assurai-mapping/1\ntables: [{instances: [{fields: {id: key, prompt: q}}]}]\n"


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "d"
    folder.mkdir()
    return folder


def opened(delivery: Path, **arguments: Any) -> Opened:
    into = delivery.parent / "into"
    into.mkdir()
    return open_delivery(delivery, into, **arguments)


def records(found: Opened) -> list[dict[str, Any]]:
    assert found.rows is not None
    return [item.row.values for item in found.rows() if isinstance(item, MappedRow)]


def codes(found: Opened) -> list[Code]:
    return [issue.code for issue in found.issues]


def test_our_own_delivery_is_left_to_its_settings(delivery: Path) -> None:
    (delivery / "delivery.yaml").write_text(SETTINGS)
    found = opened(delivery)
    assert found.settings is not None
    assert (found.settings.name, found.rows, found.folder.root) == ("n", None, delivery)


@pytest.mark.parametrize("form", ["zip", "tar", "gztar"])
def test_a_packed_delivery_is_opened_as_the_folder_it_was(delivery: Path, form: str) -> None:
    (delivery / "delivery.yaml").write_text(SETTINGS)
    packed = Path(shutil.make_archive(str(delivery.parent / "packed"), form, delivery.parent, "d"))
    found = opened(packed)
    assert found.settings is not None
    assert found.folder.names() == ("delivery.yaml",)


def test_what_an_archive_holds_wrongly_is_an_issue(delivery: Path) -> None:
    (delivery / "delivery.yaml").write_text(SETTINGS)
    (delivery / "link").symlink_to("/etc")
    packed = Path(shutil.make_archive(str(delivery.parent / "packed"), "tar", delivery))
    found = opened(packed)
    assert [(issue.code, issue.where.file) for issue in found.issues] == [(Code.DELIVERY_MEMBER_REFUSED, "packed.tar")]


def test_the_mapping_a_delivery_names_makes_its_rows(delivery: Path) -> None:
    (delivery / "delivery.yaml").write_text(f"{SETTINGS}mapping: m.yaml\ninstances: '*.csv'\n")
    (delivery / "m.yaml").write_text(MAPPING)
    (delivery / "x.csv").write_text("key,q\na,물음\n")
    assert records(opened(delivery)) == [{"id": "a", "prompt": "물음"}]


def test_a_packaged_mapping_may_be_named_in_a_delivery(delivery: Path) -> None:
    (delivery / "delivery.yaml").write_text(f"{SETTINGS}mapping: klue-sts\n")
    found = opened(delivery)
    assert found.settings is not None
    assert found.settings.name == "n"
    assert found.settings.source == "KLUE-STS"
    assert set(found.settings.labels) == {"similarity"}


@pytest.mark.parametrize(
    ("name", "content", "file", "line"),
    [
        ("m.yaml", "format: assurai-mapping/1\ntabels: []\n", "m.yaml", 2),
        ("none.yaml", None, "delivery.yaml", None),
        ("../m.yaml", None, "delivery.yaml", None),
    ],
)
def test_a_mapping_that_is_none_is_an_issue_with_its_line(
    delivery: Path, name: str, content: str | None, file: str, line: int | None
) -> None:
    (delivery / "delivery.yaml").write_text(f"{SETTINGS}mapping: {name}\n")
    if content is not None:
        (delivery / name).write_text(content)
    found = opened(delivery)
    assert found.settings is None
    (issue,) = found.issues
    assert (issue.code, issue.where.file, issue.where.line) == (Code.DELIVERY_MAPPING_INVALID, file, line)


def test_a_given_mapping_brings_its_settings_where_there_are_none(real_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    found = open_delivery(real_folder / "kobbq", tmp_path / "into", mapping=load_mapping("kobbq"))
    assert found.settings is not None
    assert (found.settings.name, found.settings.license, found.issues) == ("kobbq", "mit", ())
    assert len(records(found)) == 2280


def test_a_mapping_without_settings_says_what_is_missing(delivery: Path) -> None:
    found = opened(delivery, mapping=parse_mapping(MAPPING.encode(), "m.yaml"))
    assert codes(found) == [Code.DELIVERY_SETTINGS_MISSING]
    assert "name, language, license" in found.issues[0].message


def test_the_published_files_are_read_only_when_it_is_said_what_their_scores_mean(delivery: Path) -> None:
    (delivery / "assurai_index.jsonl").write_text('{"id": "r04_t001_pQO_001", "ref_output_risk_score": [1]}\n')
    found = opened(delivery)
    assert (found.settings, codes(found)) == (None, [Code.DELIVERY_POLARITY_MISSING])
    assert "--score-polarity" in found.issues[0].hint
    shutil.rmtree(delivery.parent / "into")
    found = opened(delivery, score_polarity="risk")
    assert found.settings is not None
    assert (found.settings.score_polarity, len(records(found))) == ("risk", 1)


def test_a_folder_dataset_is_recognised(delivery: Path) -> None:
    (delivery / "metadata.jsonl").write_text('{"file_name": "a.png"}\n')
    assert records(opened(delivery)) == [{"media": {"path": "a.png"}, "modality": "image", "id": "a"}]


def test_a_folder_of_anything_else_has_no_settings(delivery: Path) -> None:
    (delivery / "notes.txt").write_text("x")
    assert codes(opened(delivery)) == [Code.DELIVERY_SETTINGS_MISSING]


def test_what_is_neither_folder_nor_archive_is_a_wrong_call(delivery: Path) -> None:
    (delivery / "x.csv").write_text("id\n")
    with pytest.raises(UsageError, match="neither"):
        open_delivery(delivery / "x.csv", delivery)
    with pytest.raises(UsageError, match="does not exist"):
        open_delivery(delivery / "none", delivery)
