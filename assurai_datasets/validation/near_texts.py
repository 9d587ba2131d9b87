"""Instances, and choices of one instance, that say nearly the same in other words, across deliveries and stages."""

from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from assurai_datasets.formats.intake import Intake, Place
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue
from assurai_datasets.text import HINTS, TextCluster, TextItem, find_duplicates
from assurai_datasets.validation.places import issue_at, listed

PROMPT = -1
"""Position of what an instance asks; its choices are numbered from 0."""


class _Member(NamedTuple):
    """A text of a cluster: the instance, what it is derived from or itself, which text of it, and where it stands."""

    instance_id: str
    family: str
    position: int
    group: str
    place: Place

    @property
    def name(self) -> str:
        """The instance, and which of its choices."""
        return self.instance_id if self.position == PROMPT else f"{self.instance_id} choices.{self.position}"


class _Texts:
    """All texts that are compared, read again from the intake where one is asked for: two numbers a text are kept."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._rows = array("q")
        self._positions = array("i")

    def __iter__(self) -> Iterator[TextItem]:
        rows = self._intake.select("SELECT row, id, body FROM entering ORDER BY delivery, file, line")
        for row, instance_id, body in rows:
            for position, text in _compared(orjson.loads(body)):
                self._rows.append(row)
                self._positions.append(position)
                yield TextItem(instance_id, text)

    def __getitem__(self, place: int) -> str:
        ((body,),) = self._intake.select("SELECT body FROM instances WHERE row = ?", (self._rows[place],))
        return dict(_compared(orjson.loads(body)))[self._positions[place]]

    def member(self, place: int) -> _Member:
        """Return who a text belongs to."""
        query = (
            "SELECT id, ifnull(json_extract(body, '$.parent_id'), id), stage, delivery, file, line"
            " FROM instances WHERE row = ?"
        )
        ((instance_id, family, stage, *where),) = self._intake.select(query, (self._rows[place],))
        found = Place(*where)
        return _Member(instance_id, family, self._positions[place], f"{found.delivery} {stage}", found)


def check_near_texts(intake: Intake) -> Iterator[Issue]:
    """Yield one issue for each cluster of instances, or of choices of one instance, that say nearly the same.

    Instances that declare one another as parent, or have one parent, are meant to be alike. So are options that many
    instances share, and prompts about different pictures, sounds and clips.
    """
    texts = _Texts(intake)
    stages = {entry.number: entry.settings.name for entry in intake.deliveries}
    for cluster in find_duplicates(texts, text_of=texts.__getitem__):
        if cluster.kind == "near":
            yield from _judged(cluster, [texts.member(member.place) for member in cluster.members], stages)


def _compared(instance: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield the texts of an instance that are compared: what it asks, unless about a medium, and each choice."""
    if "media" not in instance:
        turns = (turn["content"] for turn in instance.get("turns", ()))
        further = (instance.get(field, "") for field in ("persona", "expertise", "prior_response"))
        yield PROMPT, " ".join((instance["prompt"], *turns, *further, *instance.get("constraints", ())))
    yield from enumerate(instance.get("choices", ()))


def _judged(cluster: TextCluster, members: list[_Member], deliveries: dict[int, str]) -> Iterator[Issue]:
    asked = [member for member in members if member.position == PROMPT]
    if asked and len({member.family for member in members}) > 1:
        yield _issue(members, f"{len(members)} texts say nearly the same", cluster.similarity, deliveries)
        return
    for instance_id in dict.fromkeys(member.instance_id for member in members):
        own = [member for member in members if member.instance_id == instance_id]
        if len(own) > 1:
            yield _issue(own, f"{len(own)} choices say nearly the same", cluster.similarity, deliveries)


def _issue(members: list[_Member], what: str, similarity: float, deliveries: dict[int, str]) -> Issue:
    first = members[0]
    mixed = len({member.group for member in members}) > 1
    names = [f"{member.name}{_origin(member, deliveries) if mixed else ''}" for member in members]
    message = f"{what}: {listed(names)} (similarity at least {similarity:.2f})"
    field = "prompt" if first.position == PROMPT else f"choices.{first.position}"
    return issue_at(
        first.place,
        Code.INSTANCE_TEXT_NEAR_DUPLICATE,
        message,
        HINTS["near-duplicate"],
        instance_id=first.instance_id,
        field=field,
    )


def _origin(member: _Member, deliveries: dict[int, str]) -> str:
    stage = member.group.split(" ", 1)[1]
    return f" ({deliveries[member.place.delivery]}{'' if stage == 'None' else f', {stage}'})"
