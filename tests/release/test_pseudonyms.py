"""Names of annotators that tell nothing."""

from pathlib import Path
from typing import Any

from assurai_datasets import ingest
from assurai_datasets.release.pseudonyms import pseudonyms
from tests.deliveries_made import make_annotation, make_delivery


def named(folder: Path, judged: list[dict[str, Any]], key: bytes | None = None, **settings: Any) -> dict[str, str]:
    with ingest(make_delivery(folder, annotations=judged, **settings)) as intake:
        return {raw: name for (_, raw), name in pseudonyms(intake, key).items()}


def judged(*people: str) -> list[dict[str, Any]]:
    return [make_annotation(annotator_id=who, safety_score=n) for n, who in enumerate(people, start=1)]


def test_numbers_follow_from_the_judgements_and_not_from_the_names(tmp_path: Path) -> None:
    one = named(tmp_path / "one", judged("kim", "lee", "park"))
    other = named(tmp_path / "other", judged("zoe", "ann", "bob")[::-1])
    assert sorted(one.values()) == ["a001", "a002", "a003"]
    assert [one[who] for who in ("kim", "lee", "park")] == [other[who] for who in ("zoe", "ann", "bob")]


def test_a_thousand_annotators_have_longer_numbers(tmp_path: Path) -> None:
    people = [make_annotation(annotator_id=f"p{n}", comment=f"note {n}") for n in range(1000)]
    names = named(tmp_path / "many", people)
    assert (min(names.values()), max(names.values()), len(set(names.values()))) == ("a0001", "a1000", 1000)


def test_a_key_gives_one_person_one_name_everywhere_and_another_key_another(tmp_path: Path) -> None:
    one = named(tmp_path / "one", judged("kim", "lee"), b"secret")
    other = named(tmp_path / "other", judged("park", "kim"), b"secret")
    third = named(tmp_path / "third", judged("kim"), b"other secret")
    assert one["kim"] == other["kim"] != third["kim"]
    assert all(name[0] == "k" and len(name) == 17 for name in one.values())


def test_people_of_two_deliveries_are_told_apart_without_a_key(tmp_path: Path) -> None:
    one = make_delivery(tmp_path / "one", annotations=judged("kim"), name="one")
    two = make_delivery(tmp_path / "two", annotations=judged("x", "kim"), name="two")
    with ingest(one, two) as intake:
        assert len(set(pseudonyms(intake).values())) == 3
