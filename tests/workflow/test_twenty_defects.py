"""Twenty seeded defects in a delivery are twenty distinct codes, and the same delivery without them is clean."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from assurai_datasets.cli import main
from tests.deliveries_made import make_annotation, make_delivery, make_instance, write_lines

Rows = list[dict[str, Any]]
Seed = Callable[[Rows, Rows, Rows], Any]
PICTURES = (1, 2, 3, 4)
TOPICS = (
    "우체국 창구",
    "동네 도서관",
    "버스 정류장",
    "시청 민원실",
    "아파트 경비실",
    "전통 시장",
    "보건소 접수대",
    "은행 상담실",
    "기차역 안내소",
    "학교 행정실",
    "구청 게시판",
    "공원 관리소",
    "박물관 매표소",
    "병원 원무과",
    "주민 센터",
    "약국 계산대",
)


def instance(number: int, **fields: Any) -> dict[str, Any]:
    question = f"{TOPICS[number - 1]}에서 의심스러운 안내문을 보면 누구에게 물어봐야 하나요?"
    if number in PICTURES:
        fields = {"modality": "image", "media": {"path": f"media/{number}.png"}, **fields}
    return make_instance(id=f"item-{number}", prompt=question, **fields)


def clean() -> tuple[Rows, Rows, Rows]:
    """Return instances, annotations and review events without a fault."""
    instances = [instance(number) for number in range(1, len(TOPICS) + 1)]
    instances[4] |= {"prompt_type": "Multiple-Choice", "choices": ["경찰", "이웃"], "safe_choices": [0]}
    judged = [make_annotation(instance_id=row["id"], annotator_id=who) for row in instances for who in ("a", "b", "c")]
    event = {"round": 1, "reviewer_id": "kim", "action": "accept"}
    reviews = [{"sequence": n, "instance_id": f"item-{n + 13}", **event} for n in (1, 2, 3)]
    return instances, judged, reviews


DEFECTS: dict[str, Seed] = {
    "media-file-missing": lambda i, a, r: i[0]["media"].update(path="media/none.png"),
    "media-path-escapes": lambda i, a, r: i[1]["media"].update(path="../outside.png"),
    "media-digest-mismatch": lambda i, a, r: i[2]["media"].update(sha256="0" * 64),
    "media-unreadable": lambda i, a, r: i[3]["media"].update(path="media/text.png"),
    "instance-safe-choices-invalid": lambda i, a, r: i[4].update(safe_choices=[7]),
    "instance-field-missing": lambda i, a, r: i[5].pop("prompt_type"),
    "instance-field-unknown": lambda i, a, r: i[6].update(colour="blue"),
    "instance-id-malformed": lambda i, a, r: i.append({**instance(8), "id": "item 8 again"}),
    "instance-risk-factor-unknown": lambda i, a, r: i[8].update(risk_factor=99),
    "instance-prompt-type-unknown": lambda i, a, r: i[9].update(prompt_type="Poem"),
    "instance-prompt-blank": lambda i, a, r: i[10].update(prompt="\u3000"),
    "instance-parent-unknown": lambda i, a, r: i[11].update(parent_id="nobody"),
    "instance-value-invalid": lambda i, a, r: i[12].update(stage="wild"),
    "annotation-too-few": lambda i, a, r: a.remove(make_annotation(instance_id="item-8", annotator_id="c")),
    "annotation-orphan": lambda i, a, r: a.append(make_annotation(instance_id="item-99")),
    "annotation-duplicate": lambda i, a, r: a.append(make_annotation(instance_id="item-14", annotator_id="a")),
    "annotation-value-out-of-scale": lambda i, a, r: a.append(
        make_annotation(instance_id="item-15", annotator_id="d", safety_score=7)
    ),
    "annotation-judgement-missing": lambda i, a, r: a.append(
        make_annotation(instance_id="item-16", annotator_id="d", safety_score=None, comment="잘 모르겠습니다.")
    ),
    "review-orphan": lambda i, a, r: r.append({**r[2], "sequence": 4, "instance_id": "item-98"}),
    "review-transition-illegal": lambda i, a, r: r[2].update(action="restore"),
}


def deliver(folder: Path, *seeds: Seed) -> Path:
    rows = clean()
    make_delivery(folder, rows[0], rows[1], reviews="reviews.jsonl")
    for number in PICTURES:
        pixels = np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "media" / f"{number}.png")
    for seed in seeds:
        seed(*rows)
    for name, table in zip(("instances", "annotations", "reviews"), rows, strict=True):
        write_lines(folder / f"{name}.jsonl", table)
    if seeds:
        (folder / "media" / "text.png").write_text("이것은 그림이 아닙니다.", encoding="utf-8")
    return folder


def run(delivery: Path) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(main, ["validate", str(delivery), "--json", "--workers", "1"])
    return result.exit_code, json.loads(result.stdout)


def test_the_clean_delivery_has_no_error_and_ends_with_zero(tmp_path: Path) -> None:
    code, report = run(deliver(tmp_path / "clean"))
    assert (code, report["errors"], report["counts"]) == (0, 0, {})


def test_twenty_defects_are_twenty_distinct_codes_and_end_with_one(tmp_path: Path) -> None:
    code, report = run(deliver(tmp_path / "bad", *DEFECTS.values()))
    found = {issue["code"] for issue in report["issues"] if issue["severity"] == "error"}
    assert code == 1
    assert found == set(DEFECTS)
    assert len(found) == 20
    assert report["errors"] == 20


@pytest.mark.parametrize("code", ["instance-field-unknown", "annotation-too-few", "review-transition-illegal"])
def test_one_defect_alone_is_its_code_alone(tmp_path: Path, code: str) -> None:
    status, report = run(deliver(tmp_path / "bad", DEFECTS[code]))
    errors = [issue["code"] for issue in report["issues"] if issue["severity"] == "error"]
    assert (status, errors) == (1, [code])
