"""Media of instances against what the instances claim."""

from pathlib import Path

from assurai_datasets import validate
from assurai_datasets.schema.codes import Code
from tests.deliveries_made import make_delivery, make_instance
from tests.media_files import picture


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
