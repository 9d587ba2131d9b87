"""A delivery of every kind of thing to judge, with answers planted that no annotator may see."""

from pathlib import Path

from tests.deliveries_made import make_annotation, make_delivery, make_instance
from tests.media_files import picture

SECRETS = ("sentinel-annotator", "sentinel comment", "4.125", "sentinel-file-name")
LABELS = {
    "acceptable": {"level": "nominal", "values": ["acceptable", "=not", "1"]},
    "닮은 정도": {"level": "interval", "min": 0, "max": 5},
}


def make_annotated_delivery(folder: Path) -> Path:
    """Return a delivery with texts, turns, options, responses, and media of each modality on either side."""
    instances = [
        make_instance(),
        make_instance(
            id="answered",
            responses=[
                {"model": "m", "text": "=경찰청 112에 신고하세요.", "safety_score": 4.125},
                {"model": "m", "text": "두 번째 응답\b입니다."},
            ],
        ),
        make_instance(id="choices", prompt_type="MC", choices=["가", "나"], safe_choices=[1]),
        make_instance(
            id="turns",
            prompt_type="MS",
            turns=[
                {"role": role, "content": f"{role} 발화 {n}"} for n, role in enumerate(("user", "assistant", "user"))
            ],
        ),
        *(
            make_instance(id=kind, modality=kind, media={"path": f"media/sentinel-file-name-{kind}.{ending}"})
            for kind, ending in (("image", "png"), ("audio", "wav"), ("video", "mp4"))
        ),
        make_instance(id="drawn", modality="image", responses=[{"media": {"path": "media/drawn.png"}}]),
    ]
    said = [
        make_annotation(instance_id=row["id"], annotator_id=f"sentinel-annotator-{n}", comment="sentinel comment")
        for row in instances
        for n in range(3)
    ]
    make_delivery(folder, instances, said, labels=LABELS)
    (folder / "media" / "drawn.png").write_bytes(picture(shade=1))
    return folder
