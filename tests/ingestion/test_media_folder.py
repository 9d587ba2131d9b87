from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import TableFault
from assurai_datasets.ingestion.flat_rows import read_flat_row
from assurai_datasets.ingestion.mapping import MappedRow
from assurai_datasets.ingestion.media_folder import media_folder_rows, metadata_files, settings_of_card

ROWS = [
    {"file_name": "a.png", "text": "물음", "risk_factor": "r08"},
    {"file_name": "sub/b.WAV", "text": "물음 둘", "risk_factor": "r09"},
]
EXPECTED = [
    {"id": "a", "modality": "image", "media": {"path": "train/a.png"}, "prompt": "물음", "risk_factor": "r08"},
    {"id": "b", "modality": "audio", "media": {"path": "train/sub/b.WAV"}, "prompt": "물음 둘", "risk_factor": "r09"},
]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_the_file_of_each_row_is_its_medium_beside_the_table(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "train").mkdir()
    table = pa.Table.from_pylist(ROWS)
    path = tmp_path / f"train/metadata.{suffix}"
    if suffix == "parquet":
        pq.write_table(table, path)
    elif suffix == "csv":
        table.to_pandas().to_csv(path, index=False)
    else:
        table.to_pandas().to_json(path, orient="records", lines=True, force_ascii=False)
    folder = Folder(tmp_path)
    assert metadata_files(folder) == (f"train/metadata.{suffix}",)
    rows = [item.row for item in media_folder_rows(folder) if isinstance(item, MappedRow)]
    assert [read_flat_row(row.values, {}) if row.flat else row.values for row in rows] == EXPECTED


def test_what_the_row_says_itself_is_kept(tmp_path: Path) -> None:
    row = '{"file_name": "a.png", "id": "own", "modality": "video", "prompt": "물음", "text": "other"}\n'
    (tmp_path / "metadata.jsonl").write_text(row, encoding="utf-8")
    (found,) = media_folder_rows(Folder(tmp_path))
    assert isinstance(found, MappedRow)
    assert found.row.values == {
        "id": "own",
        "modality": "video",
        "prompt": "물음",
        "text": "other",
        "media": {"path": "a.png"},
    }


def test_a_file_name_that_leads_out_is_left_for_the_check_of_paths_to_see(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "../a.png"}\n{"file_name": "/a.png"}\nx\n')
    found = list(media_folder_rows(Folder(tmp_path)))
    paths = [item.row.values["media"]["path"] for item in found if isinstance(item, MappedRow)]
    assert paths == ["../a.png", "/a.png"]
    assert isinstance(found[2], TableFault)


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (None, ("unknown", "und")),
        ("---\nlicense: mit\nlanguage:\n- ko\n- en\n---\n# x", ("mit", "ko")),
        ("---\nlicense: cc-by-4.0\nlanguage: ko\n---\n", ("cc-by-4.0", "ko")),
        ("---\nlicense: [a\n---\n", ("unknown", "und")),
        ("# no front matter", ("unknown", "und")),
        ("---", ("unknown", "und")),
    ],
)
def test_licence_and_language_are_those_of_the_card(
    tmp_path: Path, card: str | None, expected: tuple[str, str]
) -> None:
    if card is not None:
        (tmp_path / "README.md").write_text(card, encoding="utf-8")
    settings = settings_of_card(Folder(tmp_path))
    assert (settings.license, settings.language) == expected
