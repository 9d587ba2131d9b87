"""The rows prove themselves: a changed row is named even where every file digest was made anew."""

import shutil
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assurai_datasets.formats.digest import fold_digests, row_digest
from assurai_datasets.release import read_manifest, verify_release
from assurai_datasets.schema.release import Config
from tests.environments import CLIENTS, Client, client_python
from tests.media_files import picture
from tests.release.tampering import Row, change_rows, name_of, parquet, reseal

REWRITE = """
import sys
import pyarrow.parquet as pq
for path in sys.argv[1:]:
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path, compression="gzip", row_group_size=3)
"""


def problems(release: Path) -> set[tuple[str, str]]:
    reseal(release)
    return set(verify_release(release).problems)


def of(rows: list[Row], instance_id: str) -> Row:
    return next(row for row in rows if row["id"] == instance_id)


def test_a_changed_score_changes_the_root_and_the_row_is_named(release: Path) -> None:
    def change(rows: list[Row]) -> None:
        of(rows, "fraud-2")["safety_score"] = 1.0

    change_rows(release, "text", change)
    file = name_of(release, "text")
    assert problems(release) == {
        (file, "row 'fraud-2': its fields do not give its digest"),
        (file, "the rows of config 'text' do not give the digest of the manifest"),
        (name_of(release, "index"), "row 'fraud-2': it differs between the index and the config of its modality"),
    }


def test_the_first_of_several_changed_rows_is_named_and_they_are_counted(release: Path) -> None:
    change_rows(release, "text", lambda rows: [row.update(prompt="다른 질문") for row in rows])
    (found,) = {what for _, what in problems(release) if "its fields" in what}
    assert found == "row 'fraud-1': its fields do not give its digest, the first of 3"


def test_a_changed_row_with_a_digest_made_anew_is_named_by_the_index(release: Path) -> None:
    def change(rows: list[Row]) -> None:
        row = of(rows, "privacy-1")
        row["prompt"] = "다른 질문"
        row["digest"] = row_digest(row)

    change_rows(release, "text", change)
    assert problems(release) == {
        (name_of(release, "text"), "the rows of config 'text' do not give the digest of the manifest"),
        (name_of(release, "index"), "row 'privacy-1': it differs between the index and the config of its modality"),
    }


def test_a_config_swapped_with_its_digest_does_not_fit_the_index(release: Path) -> None:
    def change(rows: list[Row]) -> None:
        del rows[0]

    change_rows(release, "text", change)
    manifest = read_manifest(release)
    split = manifest.configs["text"].splits["test"]
    digests = [row["digest"] for row in pq.read_table(parquet(release, "text")).to_pylist()]
    shrunk = split.model_copy(update={"rows": 2, "digest": fold_digests(digests)})
    reseal(release, configs={**manifest.configs, "text": Config(splits={"test": shrunk})})
    found = {what for _, what in verify_release(release).problems}
    assert "row 'fraud-1': it is in the index and in no modality" in found


def test_a_row_that_is_missing_is_counted(release: Path) -> None:
    change_rows(release, "text", lambda rows: rows.pop())
    found = "config 'text' has 2 rows that can be read, the manifest says 3"
    assert (name_of(release, "text"), found) in problems(release)


@pytest.mark.parametrize("bytes_", [picture(shade=1), None])
def test_a_replaced_or_removed_input_medium_is_named(release: Path, bytes_: bytes | None) -> None:
    def change(rows: list[Row]) -> None:
        of(rows, "image-1")["image"] = {"bytes": bytes_, "path": "i.png"} if bytes_ else None

    change_rows(release, "image", change)
    assert problems(release) == {
        (name_of(release, "image"), "row 'image-1': the bytes of image do not give its digest")
    }


def test_a_medium_where_the_row_names_none_is_named(release: Path) -> None:
    def change(rows: list[Row]) -> None:
        of(rows, "image-2")["image"] = {"bytes": picture(), "path": "planted.png"}

    change_rows(release, "image", change)
    assert problems(release) == {
        (name_of(release, "image"), "row 'image-2': the bytes of image do not give its digest")
    }


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_replaced_or_planted_response_medium_is_named(release: Path, position: int) -> None:
    def change(rows: list[Row]) -> None:
        row = of(rows, "image-2")
        row["response_images"] = [*row["response_images"], None]
        row["response_images"][position] = {"bytes": picture(shade=1), "path": "x.png"}

    change_rows(release, "image", change)
    found = f"row 'image-2': the bytes of responses.{position}.media do not give its digest"
    assert problems(release) == {(name_of(release, "image"), found)}


def test_an_instance_whose_scores_do_not_follow_from_its_annotations_is_named(release: Path) -> None:
    def change(rows: list[Row]) -> None:
        next(row for row in rows if row["instance_id"] == "fraud-2").update(score=1.0, value="1")

    change_rows(release, "annotations", change)
    file = name_of(release, "annotations")
    assert problems(release) == {
        (file, "instance 'fraud-2': its scores and its annotations do not agree"),
        (file, "the rows of config 'annotations' do not give the digest of the manifest"),
    }


def test_annotations_of_an_instance_that_is_not_there_are_named(release: Path) -> None:
    change_rows(release, "annotations", lambda rows: [row.update(instance_id="gone") for row in rows[:3]])
    found = {what for _, what in problems(release)}
    assert "instance 'fraud-1': its scores and its annotations do not agree, the first of 2" in found


def test_a_root_does_not_depend_on_order_shards_groups_or_compression(release: Path) -> None:
    for config in ("text", "index", "annotations", "image", "taxonomy"):
        change_rows(release, config, lambda rows: rows.reverse(), compression="zstd", row_group_size=2)
    assert problems(release) == set()


def test_a_root_does_not_depend_on_the_number_of_files(release: Path) -> None:
    path = parquet(release, "text")
    table = pq.read_table(path)
    names = ("data/text/a.parquet", "data/text/b.parquet")
    pq.write_table(table.slice(2), release / names[0])
    pq.write_table(table.slice(0, 2), release / names[1])
    path.unlink()
    manifest = read_manifest(release)
    split = manifest.configs["text"].splits["test"].model_copy(update={"files": names})
    reseal(release, configs={**manifest.configs, "text": Config(splits={"test": split})})
    assert verify_release(release).ok


def test_pseudonyms_do_not_enter_a_root(release: Path) -> None:
    def rename(rows: list[Row]) -> None:
        for row in rows:
            row["annotator"] = f"z{row['annotator']}"

    change_rows(release, "annotations", rename)
    assert problems(release) == set()


def test_a_column_that_was_added_changes_every_row(release: Path) -> None:
    path = parquet(release, "text")
    table = pq.read_table(path)
    pq.write_table(table.append_column("hint", [["no"] * table.num_rows]), path)
    assert "row 'fraud-1': its fields do not give its digest, the first of 3" in {w for _, w in problems(release)}


def test_a_file_that_is_no_parquet_is_named_and_the_rest_goes_on(release: Path) -> None:
    parquet(release, "index").write_bytes(b"PAR1 not really PAR1")
    shutil.copy(parquet(release, "taxonomy"), parquet(release, "annotations"))
    found = {file: what for file, what in problems(release) if "cannot" in what}
    assert found[name_of(release, "index")].startswith("cannot be read as Parquet: ")


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.requirements[0])
def test_a_root_does_not_depend_on_the_version_of_pyarrow(release: Path, client: Client) -> None:
    files = [str(path) for path in release.rglob("*.parquet")]
    before = [Path(file).read_bytes() for file in files]
    subprocess.run([client_python(client), "-c", REWRITE, *files], check=True)
    assert all(Path(file).read_bytes() != kept for file, kept in zip(files, before, strict=True))
    assert problems(release) == set()
