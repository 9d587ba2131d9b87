"""A reviewer is warned first, sees no raw medium, and no text can steer the terminal."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from assurai_datasets.review import Reviewed
from assurai_datasets.review.display import Shown, readable, show_instance
from assurai_datasets.review.preview import blur_picture, picture_blocks, write_preview
from assurai_datasets.review.queue import Candidate, Weights, score_candidate
from assurai_datasets.schema.instance import Instance


def rendered(shown: Shown) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(show_instance(shown))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_warning_stands_before_the_text(make_instance: Callable[..., Instance]) -> None:
    instance = make_instance()
    text = rendered(Shown(Reviewed(instance, "annotated")))
    assert "Content warning" in text
    assert "주의" in text
    assert text.index("Content warning") < text.index(instance.prompt)


def test_everything_a_decision_needs_is_shown(make_instance: Callable[..., Instance]) -> None:
    instance = make_instance(
        prompt_type="Multiple-Choice",
        modality="image",
        choices=("하나", "둘"),
        safe_choices=(1,),
        media={"path": "Risk_09/image/a.png"},
        responses=({"text": "답변입니다"}, {"media": {"path": "r.png"}}),
    )
    queued = score_candidate(Candidate("item-1", 9, "annotated", agreement=0.5), Weights())
    shown = Shown(
        Reviewed(instance, "annotated"),
        queued,
        judgements={"safety_score": ["1", "4"]},
        flags=["media-single-colour"],
        actions={"error": ["고칩니다"]},
    )
    text = rendered(shown)
    for part in (
        "choice 1 (safe): 둘",
        "답변입니다",
        "disagreement 1.5",
        "1, 4",
        "media-single-colour",
        "if error: 고칩니다",
    ):
        assert part in text
    assert "input: Risk_09/image/a.png" in text
    assert "response 1: r.png" in text


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x1b]0;title\x07", "\u202etxt", "\u200b", "\r", "\x9b31m"])
def test_a_text_cannot_steer_the_terminal(make_instance: Callable[..., Instance], hostile: str) -> None:
    text = rendered(Shown(Reviewed(make_instance(prompt=f"질문 {hostile} [bold]끝[/bold]"), "annotated")))
    assert hostile not in text
    assert "<U+" in text
    assert "[bold]끝[/bold]" in text


def test_line_breaks_and_hangul_stay() -> None:
    assert readable("가나\n다\t라 a!") == "가나\n다\t라 a!"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    stripes = np.zeros((400, 600, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    path = tmp_path / "stripes.png"
    Image.fromarray(stripes).save(path)
    return path


def test_a_preview_is_small_and_has_no_detail_left(picture: Path, tmp_path: Path) -> None:
    output = write_preview(picture, tmp_path / "preview.png")
    assert output is not None
    with Image.open(output) as preview:
        assert preview.size == (256, 171)
        assert np.asarray(preview).std() < 5
    assert np.asarray(Image.open(picture)).std() > 100


def test_fine_text_in_a_picture_cannot_be_read_in_its_preview(tmp_path: Path) -> None:
    from PIL import ImageDraw

    image = Image.new("L", (640, 480), 255)
    ImageDraw.Draw(image).text((40, 200), "a sentence that nobody should read here", fill=0)
    image.save(tmp_path / "text.png")
    preview = blur_picture(tmp_path / "text.png")
    assert preview is not None
    assert int(np.asarray(preview).min()) > 200


def test_blocks_have_two_pixels_a_character(picture: Path) -> None:
    blocks = picture_blocks(picture, columns=12)
    assert blocks is not None
    lines = blocks.plain.splitlines()
    assert len(lines) == 4
    assert {len(line) for line in lines} == {12}


def test_what_is_no_sound_picture_has_no_preview(tmp_path: Path, picture: Path) -> None:
    for name, content in (("a.png", b"not a picture"), ("b.png", picture.read_bytes()[:200]), ("c.png", b"")):
        (tmp_path / name).write_bytes(content)
        assert blur_picture(tmp_path / name) is None
        assert picture_blocks(tmp_path / name) is None
        assert write_preview(tmp_path / name, tmp_path / "out.png") is None
    assert not (tmp_path / "out.png").exists()


def test_a_picture_with_too_many_pixels_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assurai_datasets.media.limits import MediaLimits
    from assurai_datasets.review import preview

    Image.new("1", (300, 300)).save(tmp_path / "big.png")
    monkeypatch.setattr(preview, "LIMITS", MediaLimits(max_pixels=1000))
    assert blur_picture(tmp_path / "big.png") is None
