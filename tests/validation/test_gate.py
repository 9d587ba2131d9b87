"""The gate names every rule of a policy that is not met, and lets nothing else stop a build."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets import validate
from assurai_datasets.errors import UsageError
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.policy import AgreementFloor, Policy, Waiver
from assurai_datasets.schema.report import Report
from assurai_datasets.taxonomy import load_taxonomy
from assurai_datasets.validation import load_policy
from assurai_datasets.validation.plan import targets
from assurai_datasets.workflow import build_release
from assurai_datasets.workflow.review import decide_review

Make = Callable[..., Path]


@pytest.fixture
def make_delivery(tmp_path: Path) -> Make:
    def make(n: int = 12, *, scores: Callable[[int], tuple[int, ...]] | None = None, **fields: Any) -> Path:
        folder = tmp_path / "batch"
        folder.mkdir()
        settings = "format: assurai-delivery/1\nname: batch\nlanguage: ko\nlicense: cc-by-4.0\nstage: crowd\n"
        common = {"modality": "text", "risk_factor": 21, "prompt_type": "Q Only"}
        rows = [
            {"id": f"item-{i}", "prompt": f"{i}번째 상담에서는 무엇을 물어볼까요?", **common, **fields}
            for i in range(n)
        ]
        write_rows(folder / "instances.jsonl", rows)
        if scores is not None:
            settings += "annotations: annotations.jsonl\n"
            judged = [(i, a, s) for i in range(n) for a, s in zip("xyz", scores(i), strict=True)]
            write_rows(
                folder / "annotations.jsonl",
                [{"instance_id": f"item-{i}", "annotator_id": a, "safety_score": s} for i, a, s in judged],
            )
        (folder / "delivery.yaml").write_text(settings, encoding="utf-8")
        return folder

    return make


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def held_to(delivery: Path, **rules: Any) -> Report:
    return validate(delivery, policy=Policy(name="test", **rules), workers=1)


def scattered(i: int) -> tuple[int, ...]:
    return 1 + i % 5, 1 + 2 * i % 5, 1 + (3 * i + 1) % 5


def test_the_default_policy_asks_nothing_a_delivery_does_not_claim(make_delivery: Make) -> None:
    assert held_to(make_delivery()).counts == {}


@pytest.mark.parametrize(
    ("judged", "found"),
    [
        ({}, {"annotation-none": 1}),
        ({None: 1}, {"annotation-too-few": 1}),
        ({None: 2}, {"annotation-too-few": 1}),
        ({None: 3}, {}),
        ({0: 3, 1: 3}, {}),
        ({0: 3, 1: 2}, {"annotation-too-few": 1}),
        ({None: 3, 0: 3}, {"annotation-none": 1}),
        ({0: 1}, {"annotation-too-few": 1, "annotation-none": 1}),
    ],
)
def test_by_default_one_or_two_annotations_of_a_thing_are_an_error_and_none_a_warning(
    make_delivery: Make, judged: dict[int | None, int], found: dict[str, int]
) -> None:
    answers = [{"text": "경찰에 물어보세요."}, {"text": "은행에 물어보세요."}]
    delivery = make_delivery(1, scores=lambda i: (4, 4, 4), responses=answers)
    rows = [
        {"instance_id": "item-0", "annotator_id": who, "safety_score": 4, **({} if n is None else {"response": n})}
        for n, many in judged.items()
        for who in "xyz"[:many]
    ]
    write_rows(delivery / "annotations.jsonl", rows)
    report = validate(delivery, workers=1)
    assert report.counts == found
    assert {issue.code.value for issue in report.warnings} == {"annotation-none"} & found.keys()


def test_all_unmet_rules_are_named_at_once(make_delivery: Make) -> None:
    report = held_to(
        make_delivery(1),
        annotations="required",
        reviews="accepted",
        licenses=("mit",),
        min_seed_share=0.1,
        plan="paper",
        limits={Code.ANNOTATION_NONE: 0},
        agreement=(AgreementFloor(field="safety_score", least=0.5),),
    )
    assert {code for code in report.counts if code.startswith("policy-")} == {
        "policy-agreement-low",
        "policy-annotation-missing",
        "policy-license-forbidden",
        "policy-limit-exceeded",
        "policy-plan-unmet",
        "policy-review-missing",
        "policy-seed-share-low",
    }


def test_an_unmet_rule_refuses_the_build_and_writes_nothing(make_delivery: Make, tmp_path: Path) -> None:
    built = build_release(
        make_delivery(), output=tmp_path / "r", version="1.0.0", policy=Policy(min_seed_share=0.1), workers=1
    )
    assert built.release is None
    assert built.report.counts == {"policy-seed-share-low": 1}
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("scores", "unmet"), [(scattered, 1), (lambda i: (1 + i % 5,) * 3, 0), (lambda i: (4, 4, 4), 0)]
)
def test_agreement_below_its_floor_is_unmet(make_delivery: Make, scores: Any, unmet: int) -> None:
    floor = AgreementFloor(field="safety_score", least=0.8)
    report = held_to(make_delivery(scores=scores), agreement=(floor,))
    assert report.counts.get("policy-agreement-low", 0) == unmet


def test_a_floor_by_stratum_names_the_stratum(make_delivery: Make) -> None:
    floor = AgreementFloor(field="safety_score", measure="gwet_ac2", least=0.8, by="category")
    report = held_to(make_delivery(scores=scattered), agreement=(floor,))
    category = next(factor.category for factor in load_taxonomy().risk_factors if factor.number == 21)
    assert [issue.where.field for issue in report.errors] == [f"safety_score.category.{category}"]


def test_too_few_annotations_to_say_do_not_meet_a_floor_over_all_but_pass_in_a_stratum(make_delivery: Make) -> None:
    delivery = make_delivery(3, scores=scattered)
    whole = AgreementFloor(field="safety_score", least=0.1)
    assert "too few" in held_to(delivery, agreement=(whole,)).errors[0].message
    assert held_to(delivery, agreement=(whole.model_copy(update={"by": "modality"}),)).counts == {}


def test_every_measure_of_a_floor_can_be_asked_for(make_delivery: Make) -> None:
    measures = AgreementFloor.model_json_schema()["properties"]["measure"]["enum"]
    floors = tuple(AgreementFloor(field="safety_score", measure=name, least=1.0) for name in measures)
    report = held_to(make_delivery(scores=scattered), agreement=floors)
    assert report.counts == {"policy-agreement-low": len(measures)}
    assert len(measures) == 6


def test_review_is_required_of_the_scope_alone(make_delivery: Make) -> None:
    delivery = make_delivery(3)
    assert held_to(delivery, reviews="accepted").counts == {"policy-review-missing": 3}
    assert held_to(delivery, reviews="accepted", reviews_of={"stage": ["seed"]}).counts == {}
    decide_review(delivery, "item-0", "accept", reviewer="kim")
    decide_review(delivery, "item-1", "drop", reviewer="kim", finding="other")
    missing = held_to(delivery, reviews="accepted").errors
    assert [issue.where.instance_id for issue in missing] == ["item-2"]


def test_licences_of_media_are_held_to_the_policy_too(make_delivery: Make) -> None:
    responses = [{"media": {"path": "none.png", "license": "CC-BY-ND-4.0"}}]
    report = held_to(make_delivery(1, responses=responses), licenses=("CC-BY-4.0",))
    found = [issue.where.field for issue in report.errors if issue.code is Code.POLICY_LICENSE_FORBIDDEN]
    assert found == ["responses.0.media.license"]


def test_what_is_left_out_does_not_count(make_delivery: Make) -> None:
    delivery = make_delivery(2, stage="seed")
    assert held_to(delivery, min_seed_share=1).counts == {}
    rows = [json.loads(line) for line in (delivery / "instances.jsonl").read_text(encoding="utf-8").splitlines()]
    write_rows(delivery / "instances.jsonl", [rows[0], {**rows[1], "stage": "crowd"}])
    assert held_to(delivery, min_seed_share=1).counts == {"policy-seed-share-low": 1}
    decide_review(delivery, "item-1", "drop", reviewer="kim", finding="other")
    assert held_to(delivery, min_seed_share=1).counts == {}


WAIVER = {"code": Code.POLICY_SEED_SHARE_LOW, "who": "data steward", "why": "experts are still being found"}


def test_a_waiver_makes_a_rule_a_warning_that_says_who_and_why(make_delivery: Make) -> None:
    (issue,) = held_to(make_delivery(), min_seed_share=0.1, waivers=(Waiver(**WAIVER, until="2099-01-01"),)).warnings
    assert issue.message.endswith("(waived by data steward until 2099-01-01: experts are still being found)")


def test_a_waiver_stands_in_the_manifest_and_ends_with_its_last_day(make_delivery: Make, tmp_path: Path) -> None:
    delivery = make_delivery()
    policy = Policy(min_seed_share=0.1, waivers=(Waiver(**WAIVER, until="2025-03-31"),))
    settings: dict[str, Any] = {"version": "1.0.0", "policy": policy, "workers": 1}
    built = build_release(delivery, output=tmp_path / "on-time", date="2025-03-31", **settings)
    assert built.release is not None
    assert built.release.policy.waivers == policy.waivers
    assert "data steward" in (tmp_path / "on-time" / "README.md").read_text(encoding="utf-8")
    late = build_release(delivery, output=tmp_path / "late", date="2025-04-01", **settings)
    assert late.release is None
    assert late.report.counts == {"policy-seed-share-low": 1, "policy-waiver-expired": 1}


def test_a_waiver_covers_its_instance_and_field_alone(make_delivery: Make) -> None:
    delivery = make_delivery(2)
    common = {"who": "data steward", "why": "reviewed on paper", "until": "2099-01-01"}
    one = Waiver(code=Code.POLICY_REVIEW_MISSING, instance_id="item-1", **common)
    report = held_to(delivery, reviews="accepted", waivers=(one,))
    assert [issue.where.instance_id for issue in report.errors] == ["item-0"]
    field = Waiver(code=Code.POLICY_PLAN_UNMET, field="prompt_type.Rail", **common)
    report = held_to(delivery, plan="paper", waivers=(field,))
    assert [issue.where.field for issue in report.warnings] == ["prompt_type.Rail"]


@pytest.mark.parametrize("code", [Code.MEDIA_PATH_ESCAPES, Code.INSTANCE_VALUE_INVALID, Code.REVIEW_CHAIN_BROKEN])
def test_an_error_that_keeps_a_row_out_cannot_be_waived(code: Code) -> None:
    waiver = Waiver(code=code, who="somebody", why="in a hurry", until="2099-01-01")
    with pytest.raises(UsageError, match="cannot be waived"):
        load_policy(Policy(waivers=(waiver,)))


def test_a_policy_file_says_all_that_a_policy_can(make_delivery: Make, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        "name: ours\nannotations: required\nmin_annotations: 2\n"
        "reviews: accepted\nreviews_of: {risk_factor: [9, r10]}\n"
        "agreement:\n  - {field: safety_score, measure: gwet_ac2, least: 0.6, by: risk_factor}\n"
        "licenses: [cc-by-4.0]\nlimits: {instance-personal-data: 0}\nmin_seed_share: 0.1\nplan: paper\n"
        "errors: [annotation-none]\n"
        "waivers:\n  - {code: policy-plan-unmet, who: lead, why: first batch, until: 2025-12-31}\n",
        encoding="utf-8",
    )
    policy = load_policy(tmp_path / "policy.yaml")
    assert policy.reviews_of.risk_factor == (9, 10)
    assert policy.errors == (Code.ANNOTATION_NONE,)
    assert policy.limits == {Code.INSTANCE_PERSONAL_DATA: 0}
    assert validate(make_delivery(1), policy=policy, workers=1).counts["policy-annotation-missing"] == 1


@pytest.mark.parametrize(
    "text", ["limits: {annotation-none: -1}", "errors: [no-such-code]", "agreement: [{least: 1}]", "- x"]
)
def test_a_wrong_policy_is_wrong_usage(tmp_path: Path, text: str) -> None:
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is wrong"):
        load_policy(tmp_path / "policy.yaml")


def test_the_paper_policy_is_the_papers() -> None:
    policy = load_policy("paper")
    assert (policy.min_annotations, policy.reviews, policy.min_seed_share, policy.plan) == (3, "accepted", 0.1, "paper")
    assert policy.annotations == "required"


def test_the_plan_is_the_papers_and_counts_what_is_missing_from_it() -> None:
    everything = tuple(targets({}, {}))
    assert sum(target.target for target in everything if target.field.startswith("risk_factor.")) == 11_480
    assert sum(target.target for target in everything if target.field.startswith("prompt_type.")) == 11_480
    found = {target.field: target.missing for target in targets({(4, "image"): 75, (1, "text"): 200}, {"Rail": 600})}
    assert (found["risk_factor.4.image"], found["risk_factor.1.text"], found["risk_factor.1.image"]) == (5, 0, 0)
    assert (found["prompt_type.Rail"], found["prompt_type.Reflection"]) == (0, 170)


@pytest.mark.parametrize("content", [b"\xff\xfe\x80", b"#" * (2**20 + 1), b"- 1"])
def test_a_policy_file_that_is_none_is_a_wrong_call(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "policy.yaml").write_bytes(content)
    with pytest.raises(UsageError, match=r"policy\.yaml"):
        load_policy(tmp_path / "policy.yaml")
