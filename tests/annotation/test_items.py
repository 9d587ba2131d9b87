"""What an annotator is shown: the whole prompt and the response, and nothing anybody said of them."""

from pathlib import Path

from assurai_datasets.annotation import Item, items_of
from assurai_datasets.annotation.items import visible
from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import ingest
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue
from tests.deliveries_made import make_delivery, make_instance


def keyed(items: list[Item]) -> dict[str, Item]:
    return {item.key: item for item in items}


def issues_of(folder: Path) -> list[Code]:
    with ingest(folder) as intake:
        return [found.code for found in items_of(intake) if isinstance(found, Issue)]


def test_each_response_is_an_item_and_an_instance_without_responses_is_one(items: list[Item]) -> None:
    assert sorted(item.key for item in items) == [
        "answered#0",
        "answered#1",
        "audio",
        "choices",
        "drawn#0",
        "fraud-1",
        "image",
        "turns",
        "video",
    ]


def test_only_the_prompts_are_items_where_instances_are_judged(intake: Intake) -> None:
    items = [item for item in items_of(intake, judge="instances") if isinstance(item, Item)]
    assert len(items) == len(intake)
    assert all(item.response is None and item.answer is None and item.answer_medium is None for item in items)


def test_turns_and_options_stand_with_the_prompt_and_the_safe_one_is_not_told(items: list[Item]) -> None:
    found = keyed(items)
    assert "[user] user 발화 0\n\n[assistant] assistant 발화 1\n\n[user] user 발화 2" in found["turns"].prompt
    assert found["choices"].prompt.endswith("1. 가\n2. 나")


def test_every_part_of_a_prompt_is_shown(tmp_path: Path) -> None:
    rows = [
        make_instance(id="role", prompt_type="RP", persona="도서관 사서"),
        make_instance(id="expert", prompt_type="EP", expertise="정보 보안"),
        make_instance(id="rail", prompt_type="RL", constraints=["세 문장 이내", "존댓말"]),
        make_instance(id="reflection", prompt_type="RF", prior_response="앞선 답입니다."),
    ]
    with ingest(make_delivery(tmp_path / "batch", rows)) as intake:
        shown = {item.instance_id: item.prompt for item in items_of(intake) if isinstance(item, Item)}
    assert "도서관 사서" in shown["role"]
    assert "정보 보안" in shown["expert"]
    assert "- 세 문장 이내\n- 존댓말" in shown["rail"]
    assert "앞선 답입니다." in shown["reflection"]


def test_media_are_named_by_their_content_alone(items: list[Item]) -> None:
    found = keyed(items)
    image = found["image"].medium
    assert image is not None
    assert (image.kind, image.type) == ("image", "image/png")
    assert "sentinel" not in image.name
    drawn = found["drawn#0"]
    assert drawn.medium is None
    assert drawn.answer == ""
    assert drawn.answer_medium is not None
    assert drawn.answer_medium.name != image.name


def test_control_characters_stand_as_their_pictures() -> None:
    assert visible("a\x00b\x08c\nd\te\x7f\ufffe") == "a␀b␈c\nd\te␡\ufffd"


def test_a_medium_that_is_missing_or_no_browser_shows_is_an_issue(tmp_path: Path) -> None:
    missing = make_delivery(tmp_path / "one", [make_instance(modality="image", media={"path": "a.png"})])
    (missing / "a.png").unlink()
    assert issues_of(missing) == [Code.MEDIA_FILE_MISSING]
    unknown = make_delivery(tmp_path / "two", [make_instance(modality="image", media={"path": "a.svg"})])
    assert issues_of(unknown) == [Code.MEDIA_FORMAT_UNSUPPORTED]


def test_a_medium_outside_the_delivery_is_an_issue_and_not_read(tmp_path: Path) -> None:
    folder = make_delivery(tmp_path / "one", [make_instance(modality="image", media={"path": "a.png"})])
    (tmp_path / "private.png").write_bytes(b"private")
    (folder / "a.png").unlink()
    (folder / "a.png").symlink_to(tmp_path / "private.png")
    assert issues_of(folder) == [Code.MEDIA_PATH_ESCAPES]
