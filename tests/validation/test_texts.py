"""What validation says of texts: odd characters, personal data, near duplicates, repairs."""

import hashlib
import unicodedata
from pathlib import Path

import pytest

from assurai_datasets import build_release, ingest, validate
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.report import Report
from tests.deliveries_made import annotated, make_annotation, make_delivery, make_instance

NUMBER = "010-2345-6789"


def codes_and_fields(report: Report) -> list[tuple[str, str | None]]:
    return [(issue.code.value, issue.where.field) for issue in report]


def test_every_text_of_an_instance_is_looked_at(tmp_path: Path) -> None:
    odd = "이 글에는\u200b 보이지 않는 글자가 있습니다."
    rows = [
        make_instance(prompt=odd, responses=[{"text": "좋습니다."}, {"text": odd}]),
        make_instance(id="c", prompt_type="MC", prompt="무엇을 고를까요, 하나만?", choices=["하나", odd]),
        make_instance(
            id="m",
            prompt_type="MS",
            prompt="나눈 이야기를 이어 가 주세요.",
            turns=[{"role": role, "content": odd} for role in ("user", "assistant", "user")],
        ),
        make_instance(id="r", prompt_type="Role-Playing", prompt="상담사처럼 답해 주세요.", persona=odd),
        make_instance(id="l", prompt_type="Rail", prompt="규칙에 따라 답해 주세요.", constraints=["짧게", odd]),
    ]
    assert codes_and_fields(validate(make_delivery(tmp_path, rows))) == [
        ("instance-text-invisible", field)
        for field in (
            *("prompt", "responses.1.text", "choices.1"),
            *("turns.0.content", "turns.1.content", "turns.2.content", "persona", "constraints.1"),
        )
    ]


def test_a_choice_may_be_one_letter_and_a_prompt_may_not(tmp_path: Path) -> None:
    rows = [make_instance(prompt_type="MC", prompt="어느 쪽이 맞을까요?", choices=["O", "X"])]
    assert validate(make_delivery(tmp_path / "a", rows)).issues == ()
    assert list(validate(make_delivery(tmp_path / "b", [make_instance(prompt="왜")])).counts) == [
        "instance-text-length"
    ]


def test_the_language_of_an_instance_goes_before_that_of_the_delivery(tmp_path: Path) -> None:
    prompt = "Where can I report a suspicious phone call?"
    rows = [make_instance(prompt=prompt), make_instance(id="en", prompt=f"{prompt} Please answer.", language="en")]
    (issue,) = validate(make_delivery(tmp_path, rows)).issues
    assert (issue.code, issue.where.instance_id) == ("instance-text-language", "fraud-1")


def test_personal_data_are_named_masked_and_with_their_confidence(tmp_path: Path) -> None:
    (issue,) = validate(make_delivery(tmp_path, [make_instance(prompt=f"{NUMBER}로 전화해도 될까요?")])).issues
    assert (issue.code, issue.severity, issue.where.field) == ("instance-personal-data", "warning", "prompt")
    assert issue.message == "it seems to hold a phone number: ***-****-**** (high confidence)"


def test_the_name_of_a_medium_is_published_and_looked_at_too(tmp_path: Path) -> None:
    media = {"path": f"media/{NUMBER}.png"}
    rows = [make_instance(modality="image", media=media, responses=[{"model": "m", "text": "네.", "media": media}])]
    found = [issue for issue in validate(make_delivery(tmp_path, rows)).issues if issue.code.endswith("personal-data")]
    assert [issue.where.field for issue in found] == ["media.path", "responses.0.media.path"]
    assert {issue.message for issue in found} == {
        "the name of the file seems to hold a phone number: ***-****-**** (high confidence)"
    }


@pytest.mark.parametrize("entry", [NUMBER, "01023456789", f"sha256:{hashlib.sha256(b'01023456789').hexdigest()}"])
def test_an_invented_value_can_be_acknowledged_in_the_delivery(tmp_path: Path, entry: str) -> None:
    rows = [make_instance(prompt=f"{NUMBER}로 전화해도 될까요?")]
    annotations = annotated("fraud-1", comment=NUMBER)
    assert validate(make_delivery(tmp_path, rows, annotations, allow_personal_data=[entry])).issues == ()


def test_what_one_delivery_acknowledges_holds_in_no_other(tmp_path: Path) -> None:
    rows = [make_instance(prompt=f"{NUMBER}로 전화해도 될까요?")]
    first = make_delivery(tmp_path / "a", rows, name="a", allow_personal_data=[NUMBER])
    second = make_delivery(tmp_path / "b", [make_instance(id="b", prompt=f"{NUMBER}는 누구 것인가요?")], name="b")
    assert [issue.where.instance_id for issue in validate(first, second)] == ["b"]


def test_an_allow_entry_that_names_no_value_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    (issue,) = validate(make_delivery(tmp_path, allow_personal_data=["sha256:12"])).issues
    assert (issue.code, issue.where.field) == ("delivery-settings-invalid", "allow_personal_data.0")


def test_comments_of_annotations_are_looked_at_too(tmp_path: Path) -> None:
    annotations = [*annotated("fraud-1")[:2], make_annotation(annotator_id="three", comment=f"{NUMBER} 확인")]
    (issue,) = validate(make_delivery(tmp_path, [make_instance()], annotations)).issues
    assert (issue.code, issue.where.line, issue.where.field) == ("annotation-personal-data", 3, "comment")
    assert NUMBER not in issue.message


def test_near_duplicates_are_found_across_deliveries_and_stages_in_one_cluster(tmp_path: Path) -> None:
    texts = ("친구와 화해하는 방법을 알려 주세요.", "친구와화해하는 방법을 알려주세요", "친구랑 화해하는 방법 알려줘")
    first = make_delivery(tmp_path / "a", [make_instance(id="s1", prompt=texts[0], stage="seed")], name="seeds")
    crowd = [make_instance(id=f"c{n}", prompt=text) for n, text in enumerate(texts[1:])]
    (issue,) = validate(first, make_delivery(tmp_path / "b", crowd, name="batch-1")).issues
    assert issue.code == "instance-text-near-duplicate"
    assert issue.message.startswith("3 texts say nearly the same: ")
    for member in ("s1 (seeds, seed)", "c0 (batch-1, crowd)", "c1 (batch-1, crowd)"):
        assert member in issue.message


def test_a_variant_of_a_declared_parent_is_meant_to_be_alike(tmp_path: Path) -> None:
    rows = [
        make_instance(id="s1", prompt="친구와 화해하는 방법을 알려 주세요."),
        make_instance(id="s2", prompt="친구와 화해하는 방법 알려 줘", parent_id="s1"),
        make_instance(id="s3", prompt="친구랑 화해하는 방법을 알려줘요", parent_id="s1"),
    ]
    assert validate(make_delivery(tmp_path, rows)).issues == ()


def test_the_same_question_about_two_pictures_is_no_duplicate(tmp_path: Path) -> None:
    def about(name: str, prompt: str) -> dict[str, object]:
        return make_instance(id=name, modality="image", risk_factor=22, prompt=prompt, media={"path": f"{name}.png"})

    rows = [about("a", "이 그림은 사실을 보여 주나요?"), about("b", "이 그림이 사실을 보여주나요")]
    assert set(validate(make_delivery(tmp_path, rows)).counts) == {"media-duplicate"}


def test_options_that_say_the_same_within_one_instance_are_named_and_shared_ones_are_not(tmp_path: Path) -> None:
    options = ["링크를 열지 않고 바로 지운다", "친구에게 먼저 물어본다"]
    rows = [
        make_instance(id=f"c{n}", prompt_type="MC", prompt=f"{word} 문자를 받으면 어떻게 하나요?", choices=options)
        for n, word in enumerate(("택배", "은행", "학교"))
    ]
    assert validate(make_delivery(tmp_path / "a", rows)).issues == ()
    rows[0] = {**rows[0], "choices": [*options, "링크는 열지않고 바로 지운다"]}
    (issue,) = validate(make_delivery(tmp_path / "b", rows)).issues
    assert (issue.where.instance_id, issue.where.field) == ("c0", "choices.0")


def test_repairs_are_made_on_request_only_and_each_is_listed(tmp_path: Path) -> None:
    prompt = "보이스피싱 전화를 받으면 어디에 신고하나요?"
    rows = [make_instance(prompt=unicodedata.normalize("NFD", prompt), responses=[{"text": "112로\u00a0전화하세요. "}])]
    delivery = make_delivery(tmp_path, rows)
    before = (delivery / "instances.jsonl").read_bytes()
    assert set(validate(delivery).counts) == {"instance-text-not-nfc", "instance-text-whitespace"}
    report = validate(delivery, normalize=True)
    assert codes_and_fields(report) == [
        ("instance-text-normalized", "prompt"),
        ("instance-text-normalized", "responses.0.text"),
    ]
    with ingest(delivery, normalize=True) as intake:
        (instance,) = intake
    assert (instance.prompt, instance.responses[0].text) == (prompt, "112로 전화하세요.")
    assert (delivery / "instances.jsonl").read_bytes() == before


def test_a_build_can_repair_too(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "d", [make_instance(prompt="어디에 신고하면 되나요? ")])
    built = build_release(delivery, output=tmp_path / "r", version="1.0.0", date="2026-05-04", normalize=True)
    assert built.release is not None
    assert list(built.report.counts) == ["instance-text-normalized"]


def test_a_policy_may_raise_a_warning_about_texts_to_an_error(tmp_path: Path) -> None:
    texts = ("친구와 화해하는 방법을 알려 주세요.", "친구랑 화해하는 방법 알려줘")
    rows = [make_instance(id=f"c{n}", prompt=text) for n, text in enumerate(texts)]
    policy = Policy(errors=(Code.INSTANCE_TEXT_NEAR_DUPLICATE,))
    assert [issue.severity for issue in validate(make_delivery(tmp_path, rows), policy=policy)] == ["error"]
