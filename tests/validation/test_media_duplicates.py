"""Media delivered twice are named with their instances, across deliveries; other media are not."""

from pathlib import Path
from typing import Any

from PIL import Image

from assurai_datasets import validate
from tests.deliveries_made import make_delivery, make_instance
from tests.media_files import clip, picture, sound

QUESTIONS = ("이 파일은 사실을 보여 주나요?", "무엇이 잘못되었는지 찾아 주세요.", "어디에서 온 것인지 알려 주세요.")


def row(number: int, path: str, modality: str = "image", **overrides: Any) -> dict[str, Any]:
    media = {"media": {"path": path}, "risk_factor": 22, "modality": modality}
    return make_instance(id=f"m-{number}", prompt=QUESTIONS[number % 3], **{**media, **overrides})


def lay(folder: Path, files: dict[str, bytes], rows: list[dict[str, Any]], **settings: Any) -> Path:
    (folder / "media").mkdir(parents=True)
    for path, content in files.items():
        (folder / path).write_bytes(content)
    return make_delivery(folder, rows, **settings)


def drawing(folder: Path, name: str, size: tuple[int, int], extent: tuple[float, ...] = (-2.0, -1.2, 1.0, 1.2)) -> None:
    Image.effect_mandelbrot((256, 192), extent, 60).resize(size).save(folder / "media" / name)


def test_files_of_the_same_bytes_are_one_issue_across_deliveries(tmp_path: Path) -> None:
    first = lay(tmp_path / "a", {"media/a.png": picture()}, [row(0, "media/a.png")], name="a")
    files = {"media/b.png": picture(), "media/c.png": picture(shade=1)}
    second = lay(tmp_path / "b", files, [row(1, "media/b.png"), row(2, "media/c.png")], name="b")
    (issue,) = [issue for issue in validate(first, second) if issue.code == "media-duplicate"]
    assert issue.message == "2 files have the same content: 'media/a.png' of m-0, 'media/b.png' of m-1"
    assert (issue.where.file, issue.where.instance_id) == ("a/instances.jsonl", "m-0")


def test_two_instances_may_name_one_file(tmp_path: Path) -> None:
    delivery = lay(tmp_path / "a", {"media/a.png": picture()}, [row(0, "media/a.png"), row(1, "media/a.png")])
    assert validate(delivery).issues == ()


def test_a_resized_and_compressed_copy_is_near_and_another_picture_is_not(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    drawing(tmp_path, "a.png", (256, 192))
    drawing(tmp_path, "b.jpg", (160, 120))
    drawing(tmp_path, "c.png", (256, 192), (-0.9, -0.4, -0.2, 0.1))
    rows = [row(0, "media/a.png"), row(1, "media/b.jpg"), row(2, "media/c.png")]
    (issue,) = validate(make_delivery(tmp_path, rows)).issues
    assert issue.code == "media-near-duplicate"
    assert "'media/a.png' of m-0, 'media/b.jpg' of m-1" in issue.message


def test_media_of_responses_are_compared_too(tmp_path: Path) -> None:
    answers = [{"media": {"path": "media/a.png"}}, {"media": {"path": "media/b.png"}}]
    files = {"media/a.png": picture(), "media/b.png": picture()}
    delivery = lay(tmp_path / "a", files, [row(0, "", media=None, responses=answers)])
    (issue,) = validate(delivery).issues
    assert (issue.code, issue.where.field) == ("media-duplicate", "responses.0.media.path")


def test_different_sounds_and_clips_are_no_duplicates(tmp_path: Path) -> None:
    files = {"media/a.wav": sound(), "media/b.wav": sound(pitch_hz=660.0), "media/c.mp4": clip()}
    rows = [row(0, "media/a.wav", "audio"), row(1, "media/b.wav", "audio"), row(2, "media/c.mp4", "video")]
    assert validate(lay(tmp_path / "a", files, rows)).issues == ()


def test_with_headers_only_bytes_are_still_compared(tmp_path: Path) -> None:
    files = {"media/a.png": picture(), "media/b.png": picture()}
    delivery = lay(tmp_path / "a", files, [row(0, "media/a.png"), row(1, "media/b.png")])
    assert list(validate(delivery, fast=True).counts) == ["media-duplicate"]
