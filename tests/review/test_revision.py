"""The digest of an instance is that of its content."""

from collections.abc import Callable
from typing import Any

import pytest

from assurai_datasets.errors import DataError
from assurai_datasets.review import instance_digest, revise_instance, with_media_digests
from assurai_datasets.schema.instance import Instance, Media, Response

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
    responses = (Response(media=Media(path="r0.png")), Response(text="답변"))
    delivered = make_instance(**picture("a.png"), responses=responses)
    filled = with_media_digests(delivered, {"a.png": ONE, "r0.png": TWO}.get)
    assert filled.media is not None
    assert filled.media.sha256 == ONE
    assert filled.responses is not None
    assert filled.responses[0].media == Media(path="r0.png", sha256=TWO)
    assert filled.responses[1].media is None
    assert with_media_digests(make_instance(), {}.get) == make_instance()


def test_a_declared_digest_stays(make_instance: Callable[..., Instance]) -> None:
    declared = make_instance(**picture("a.png", ONE))
    assert with_media_digests(declared, {}.get) == with_media_digests(declared, {"a.png": TWO}.get) == declared


def test_a_revision_is_checked_as_a_whole(make_instance: Callable[..., Instance]) -> None:
    with pytest.raises(DataError, match="there is 1 choice"):
        revise_instance(make_instance(), {"prompt_type": "Multiple-Choice", "choices": ["하나"]})
    mended = revise_instance(make_instance(), {"prompt_type": "MC", "choices": ["하나", "둘"]})
    assert (mended.prompt_type, mended.choices) == ("Multiple-Choice", ("하나", "둘"))


@pytest.mark.parametrize(
    "changes",
    [
        {"media": {"path": "b.png"}},
        {"media": {"path": "a.png", "sha256": TWO}},
        {"responses": [{"media": {"path": "b.png"}}]},
        {"modality": "video"},
        {"modality": "video", "media": {"path": "a.png"}},
    ],
)
def test_a_revision_cannot_bring_other_media(make_instance: Callable[..., Instance], changes: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="cannot change the media"):
        revise_instance(make_instance(**picture("a.png", ONE)), changes)


def test_a_revision_may_drop_a_medium_or_repeat_it_without_its_digest(make_instance: Callable[..., Instance]) -> None:
    delivered = make_instance(**picture("a.png", ONE))
    repeated = revise_instance(delivered, {"media": {"path": "a.png", "license": "cc-by-4.0"}})
    assert repeated.media == Media(path="a.png", sha256=ONE, license="cc-by-4.0")
    assert revise_instance(delivered, {"media": None}).media is None
