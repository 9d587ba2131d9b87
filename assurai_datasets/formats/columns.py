"""The columns of every config of a release."""

from collections.abc import Collection
from types import MappingProxyType

from assurai_datasets.formats.features import Feature, Features, list_of, medium, value

TEXT, NUMBER, FLAG, SCORE = value("string"), value("int64"), value("bool"), value("float64")
MEDIUM_OF_MODALITY = MappingProxyType({"image": "Image", "video": "Video", "audio": "Audio"})
MEDIA_REFERENCE: Feature = {"path": TEXT, "sha256": TEXT, "license": TEXT, "source": TEXT}
RESPONSE: Feature = {"model": TEXT, "text": TEXT, "media": MEDIA_REFERENCE, "safety_score": SCORE}
TURN: Feature = {"role": TEXT, "content": TEXT}

_IDENTITY: Features = {
    "id": TEXT,
    "modality": TEXT,
    "risk_factor": TEXT,
    "risk_factor_id": NUMBER,
    "category": TEXT,
    "prompt_type": TEXT,
    "prompt_variant": TEXT,
    "prompt": TEXT,
    "turns": list_of(TURN),
    "choices": list_of(TEXT),
    "safe_choices": list_of(NUMBER),
    "persona": TEXT,
    "expertise": TEXT,
    "constraints": list_of(TEXT),
    "prior_response": TEXT,
}
_REST: Features = {
    "responses": list_of(RESPONSE),
    "sub_scenario": TEXT,
    "stage": TEXT,
    "scope": TEXT,
    "technique": TEXT,
    "parent_id": TEXT,
    "benign": FLAG,
    "language": TEXT,
    "license": TEXT,
    "source": TEXT,
    "safety_score": SCORE,
    "n_annotations": NUMBER,
    "agreement": SCORE,
    "digest": TEXT,
}
INDEX_COLUMNS: Features = {**_IDENTITY, "media": MEDIA_REFERENCE, **_REST}
ANNOTATION_COLUMNS: Features = {
    "instance_id": TEXT,
    "response": NUMBER,
    "annotator": TEXT,
    "label": TEXT,
    "value": TEXT,
    "score": SCORE,
    "comment": TEXT,
    "created_at": TEXT,
}
REVIEW_COLUMNS: Features = {
    "sequence": NUMBER,
    "instance_id": TEXT,
    "round": NUMBER,
    "reviewer_id": TEXT,
    "action": TEXT,
    "finding": TEXT,
    "corrective_action": TEXT,
    "changes": TEXT,
    "before": TEXT,
    "after": TEXT,
    "created_at": TEXT,
    "previous": TEXT,
    "digest": TEXT,
}


def modality_columns(modality: str, response_media: Collection[str]) -> Features:
    """Return the columns of a modality's config.

    Args:
        modality: `text`, `image`, `video` or `audio`.
        response_media: Modalities of the media among the responses; each gets a column aligned with `responses`.
    """
    if modality == "text":
        columns: Features = {**_IDENTITY, **_REST}
    else:
        columns = {**_IDENTITY, modality: medium(MEDIUM_OF_MODALITY[modality]), "media": MEDIA_REFERENCE, **_REST}
    answers = {f"response_{name}s": list_of(medium(MEDIUM_OF_MODALITY[name])) for name in sorted(response_media)}
    return {**columns, **answers}
