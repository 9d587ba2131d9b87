"""The digest of an instance is that of its content."""

from collections.abc import Callable

import pytest

from assurai_datasets.errors import DataError
from assurai_datasets.review import instance_digest, revise_instance, with_media_digests
from assurai_datasets.schema.instance import Instance, Media

ONE, TWO = "1" * 64, "2" * 64


def picture(path: str, sha256: str | None = None) -> dict[str, object]:
    return {"modality": "image", "media": Media(path=path, sha256=sha256)}


def test_every_field_counts(make_instance: Callable[..., Instance]) -> None:
    digests = {
        instance_digest(make_instance(**changed))
        for changed in ({}, {"prompt": "다른 질문"}, {"risk_factor": 10}, {"language": "ko"}, {"benign": False})
    }
    assert len(digests) == 5


def test_a_medium_counts_by_its_content_where_that_is_known(make_instance: Callable[..., Instance]) -> None:
    here, there = (make_instance(**picture(path, ONE)) for path in ("a.png", "b.png"))
    assert instance_digest(here) == instance_digest(there)
    assert instance_digest(here) != instance_digest(make_instance(**picture("a.png", TWO)))
    assert instance_digest(make_instance(**picture("a.png"))) != instance_digest(make_instance(**picture("b.png")))


def test_media_digests_are_filled_in_for_the_input_and_the_responses(make_instance: Callable[..., Instance]) -> None:
    responses = [{"media": {"path": "r0.png"}}, {"text": "답변"}]
    delivered = Instance.model_validate_json(make_instance(**picture("a.png")).model_dump_json(exclude_none=True))
    delivered = revise_instance(delivered, {"responses": responses})
    filled = with_media_digests(delivered, {"a.png": ONE, "r0.png": TWO}.get)
    assert filled.media is not None
    assert filled.media.sha256 == ONE
    assert filled.responses is not None
    assert filled.responses[0].media == Media(path="r0.png", sha256=TWO)
    assert filled.responses[1].media is None
    assert with_media_digests(make_instance(), {}.get) == make_instance()


def test_a_declared_digest_stays_where_the_file_is_not_there(make_instance: Callable[..., Instance]) -> None:
    filled = with_media_digests(make_instance(**picture("a.png", ONE)), {}.get)
    assert filled == make_instance(**picture("a.png", ONE))


def test_a_revision_is_checked_as_a_whole(make_instance: Callable[..., Instance]) -> None:
    with pytest.raises(DataError, match="there is 1 choice"):
        revise_instance(make_instance(), {"prompt_type": "Multiple-Choice", "choices": ["하나"]})
    mended = revise_instance(make_instance(), {"prompt_type": "MC", "choices": ["하나", "둘"]})
    assert (mended.prompt_type, mended.choices) == ("Multiple-Choice", ("하나", "둘"))
