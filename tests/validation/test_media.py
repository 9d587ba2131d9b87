"""Media of instances against what the instances claim."""

import os
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from assurai_datasets import build_release, validate
from assurai_datasets.media import probe_media
from assurai_datasets.media.findings import LOCKED_HINT
from assurai_datasets.schema.codes import Code
from tests.deliveries_made import make_delivery, make_instance, write_lines
from tests.media_files import picture
from tests.unprivileged import unprivileged


def test_each_instance_that_shares_a_file_is_held_against_its_own_modality(tmp_path: Path) -> None:
    rows = [
        make_instance(id=f"i-{kind}", modality=kind, prompt=f"{kind} 자료를 설명해 주세요.", media={"path": "a.png"})
        for kind in ("image", "video", "audio")
    ]
    delivery = make_delivery(tmp_path / "delivery", rows)
    (delivery / "a.png").write_bytes(picture())
    found = [issue for issue in validate(delivery).issues if issue.code is Code.MEDIA_MODALITY_MISMATCH]
    assert sorted(issue.where.instance_id or "" for issue in found) == ["i-audio", "i-video"]
    assert all("png, image, not" in issue.message for issue in found)


def pictures(folder: Path, *paths: str) -> Path:
    """Return a delivery with an image instance for each path, whose media are still to be laid there."""
    rows = [make_instance(id=f"i-{n}", modality="image", media={"path": path}) for n, path in enumerate(paths)]
    for row in rows:
        row["prompt"] = f"{row['id']} 그림을 설명해 주세요."
    delivery = make_delivery(folder)
    write_lines(delivery / "instances.jsonl", rows)
    return delivery


def told(delivery: Path) -> list[tuple[str | None, str, str]]:
    """Return instance, code and message of the issues of media."""
    report = validate(delivery, workers=1)
    return [(i.where.instance_id, i.code.value, i.message) for i in report.issues if i.code.startswith("media-")]


@pytest.mark.parametrize("locked", ["media/locked", "media"])
def test_a_medium_that_may_not_be_read_is_one_issue_and_the_rest_is_reported(tmp_path: Path, locked: str) -> None:
    delivery = pictures(tmp_path / "delivery", "media/locked/a.png", "b.png")
    (delivery / "media/locked").mkdir(parents=True)
    (delivery / "media/locked/a.png").write_bytes(picture())
    with unprivileged(delivery / locked):
        found = told(delivery)
    assert found == [
        ("i-0", "media-unreadable", "'media/locked/a.png': Permission denied"),
        ("i-1", "media-file-missing", "there is no file 'b.png'"),
    ]


def test_a_single_file_that_may_not_be_read_is_told_to_be_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture())
    with unprivileged(path):
        (fault,) = probe_media(path).faults
    assert (fault.code, fault.message, fault.hint) == (Code.MEDIA_UNREADABLE, "Permission denied", LOCKED_HINT)


def test_a_folder_or_a_pipe_in_place_of_a_medium_is_told_to_be_one(tmp_path: Path) -> None:
    delivery = pictures(tmp_path / "delivery", "folder.png", "pipe.png")
    (delivery / "folder.png").mkdir()
    os.mkfifo(delivery / "pipe.png")
    assert [message for _, _, message in told(delivery)] == [
        "there is no file 'folder.png': it is a folder",
        "there is no file 'pipe.png': it is a pipe, a socket or a device, and no regular file",
    ]


def test_a_file_under_several_spellings_is_one_file(tmp_path: Path) -> None:
    delivery = pictures(tmp_path / "delivery", "./media/x.png", "media/x.png", "media/./x.png")
    (delivery / "media").mkdir()
    (delivery / "media/x.png").write_bytes(picture())
    assert told(delivery) == []
    built = build_release(delivery, output=tmp_path / "assurai", version="1.0.0", date="2026-01-01", workers=1)
    assert built.release is not None
    assert built.release.configs["image"].splits["test"].rows == 3


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_a_file_named_in_either_composition_is_referenced(tmp_path: Path, stored: str, asked: str) -> None:
    delivery = pictures(tmp_path / "delivery", unicodedata.normalize(asked, "그림.png"))
    (delivery / unicodedata.normalize(stored, "그림.png")).write_bytes(picture())
    assert told(delivery) == []


def test_a_file_with_the_ending_of_any_format_that_is_taken_is_looked_for_among_the_mentions(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    for suffix in ("m4v", "mka", "jfif", "3gp", "au", "txt", "con.png"):
        (delivery / f"con.{suffix}").write_bytes(b"x")
    found = [issue.where.file for issue in validate(delivery, workers=1)]
    assert found == ["con.3gp", "con.au", "con.con.png", "con.jfif", "con.m4v", "con.mka"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("link.png", "deliver the file itself, not a link"),
        (
            "https://example.org/a.png",
            "nothing is fetched: deliver the file, and name it relative to the delivery",
        ),
        ("a//b.png", "write one slash between two names"),
        (f"{'a' * 300}.png", "give it a shorter name"),
        ("../a.png", "name a file inside the delivery"),
    ],
)
def test_a_path_that_is_refused_is_told_what_to_do(tmp_path: Path, path: str, hint: str) -> None:
    delivery = pictures(tmp_path / "delivery", path)
    (delivery / "link.png").symlink_to(tmp_path / "other.png")
    (issue,) = validate(delivery, workers=1).errors
    assert (issue.code, issue.hint) == (Code.MEDIA_PATH_ESCAPES, hint)


def test_an_animated_picture_in_a_video_instance_is_to_be_converted_and_not_made_still(tmp_path: Path) -> None:
    delivery = pictures(tmp_path / "delivery", "a.gif")
    row = make_instance(modality="video", prompt="이 영상을 설명해 주세요.", media={"path": "a.gif"})
    write_lines(delivery / "instances.jsonl", [row])
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    frames[0].save(delivery / "a.gif", save_all=True, append_images=frames[1:])
    (error,) = validate(delivery, workers=1).errors
    assert (error.code, error.hint) == (Code.MEDIA_MODALITY_MISMATCH, "convert it to MP4")
