"""Known truths of public data with raw annotations: SQuARe (MIT) and KLUE-STS (CC BY-SA 4.0), read in place."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.agreement import Ratings, krippendorff_alpha, measure_agreement, reach_consensus


def load(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


@pytest.fixture(scope="module")
def responses(real_folder: Path) -> list[dict[str, Any]]:
    return load(real_folder / "square" / "response_test_ood_annotations.json")


@pytest.fixture(scope="module")
def questions(real_folder: Path) -> list[dict[str, Any]]:
    return load(real_folder / "square" / "question_test_ood_annotations.json")


@pytest.fixture(scope="module")
def sentences(real_folder: Path) -> list[dict[str, Any]]:
    return load(real_folder / "klue_sts" / "klue-sts-v1.1_dev.json")


def judged(items: list[dict[str, Any]], question: str, key: str, **options: Any) -> Ratings:
    rows = [(i, r["workerID"], r[key]) for i, item in enumerate(items) for r in item["raw_annotations"][question]]
    return Ratings.from_rows(rows, level="nominal", **options)


def acceptable(responses: list[dict[str, Any]]) -> Ratings:
    return judged(responses, "Q2: Acceptable or Non-acceptable", "acceptable?")


def test_square_responses_have_their_known_alpha(responses):
    ratings = acceptable(responses)
    assert krippendorff_alpha(ratings) == pytest.approx(0.30123, abs=5e-6)
    sure = ratings.keep(ratings.value != ratings.values.index("dont_know"))
    assert krippendorff_alpha(sure) == pytest.approx(0.30523, abs=5e-6)


def test_the_majority_is_the_released_label_of_every_square_response(responses):
    decisions = reach_consensus(acceptable(responses))
    said = ["acceptable" if item["acceptable?"] else "non-acceptable" for item in responses]
    assert sum(decisions[i].value == label for i, label in enumerate(said)) == len(said) == 480


def test_square_questions_have_their_known_alphas(questions):
    subjective = judged(questions, "Q2: Subjective or Objective", "subjective?")
    assert krippendorff_alpha(subjective) == pytest.approx(-0.0523, abs=5e-5)
    agreement = measure_agreement(subjective, resamples=0)
    assert any(warning.startswith("prevalence") for warning in agreement.warnings)


def test_the_tie_rule_gives_every_released_category_of_square_questions(questions):
    ratings = judged(questions, "Q3: Sensitive or Non-sensitive", "category")
    assert krippendorff_alpha(ratings) == pytest.approx(0.57205, abs=5e-6)
    decisions = list(reach_consensus(ratings, tied_value="etc").values())
    said = [str(decision.value).removeprefix("sensitive - ") for decision in decisions]
    released = [item["category"] for item in questions]
    assert sum(decision.tied for decision in decisions) == released.count("etc") == 14
    assert sum(a == b for a, b, d in zip(said, released, decisions, strict=True) if not d.tied) == 241
    assert said == released


def test_klue_sts_has_its_known_alphas_and_means(sentences):
    rows = [
        (item["guid"], annotator, value)
        for item in sentences
        for annotator, value in zip(item["annotations"]["annotators"], item["annotations"]["annotations"], strict=True)
    ]
    interval = Ratings.from_rows(rows, level="interval", values=range(6))
    assert krippendorff_alpha(interval) == pytest.approx(0.74770, abs=5e-6)
    assert krippendorff_alpha(Ratings.from_rows(rows, level="ordinal")) == pytest.approx(0.74952, abs=5e-6)
    means = reach_consensus(interval, method="mean")
    released = {item["guid"]: item["labels"]["real-label"] for item in sentences}
    assert {guid: means[guid].value for guid in released} == pytest.approx(released, abs=1e-9)
    assert Counter(interval.value.tolist())[0.0] == 552
