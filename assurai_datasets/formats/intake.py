"""The rows of one or several deliveries on disk, each with its place: what ingestion writes and the later stages read.

An SQLite file, so that sorting, joining and finding duplicates need no memory that grows with the rows.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, NamedTuple

import orjson

from assurai_datasets.formats.digest import canonical_json
from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.record import CHECKED
from assurai_datasets.schema.review import ReviewEvent

_TABLES = """
CREATE TABLE deliveries (number INTEGER PRIMARY KEY, root TEXT, prefix TEXT, settings TEXT, min_annotations INTEGER,
    ratings_only INTEGER, given TEXT);
CREATE TABLE instances (row INTEGER PRIMARY KEY, id TEXT, risk_factor INTEGER, modality TEXT, prompt_type TEXT,
    stage TEXT, delivery INTEGER, file TEXT, line INTEGER, text_key BLOB, body BLOB);
CREATE TABLE annotations (row INTEGER PRIMARY KEY, instance_id TEXT, response INTEGER, annotator TEXT,
    delivery INTEGER, file TEXT, line INTEGER, body BLOB);
CREATE TABLE reviews (row INTEGER PRIMARY KEY, instance_id TEXT, sequence INTEGER, delivery INTEGER, file TEXT,
    line INTEGER, body BLOB, named TEXT);
CREATE TABLE retractions (instance_id TEXT, reason TEXT, date TEXT);
CREATE TABLE media (delivery INTEGER, path TEXT, body BLOB, PRIMARY KEY (delivery, path)) WITHOUT ROWID;
CREATE TABLE refused (delivery INTEGER, file TEXT, line INTEGER, subject TEXT, instance_id TEXT, body BLOB,
    codes TEXT);
CREATE TABLE packed (risk_factor INTEGER, id TEXT, row BLOB);
CREATE VIEW entering AS SELECT * FROM instances WHERE id NOT IN (SELECT instance_id FROM left_out);
CREATE VIEW known AS SELECT id FROM instances
    UNION SELECT instance_id FROM refused WHERE subject = 'instance' AND instance_id IS NOT NULL;
CREATE TABLE left_out (instance_id TEXT PRIMARY KEY, reason TEXT);
"""
_INDEXES = """
CREATE INDEX instances_by_id ON instances (id);
CREATE INDEX instances_in_order ON instances (risk_factor, id);
CREATE INDEX instances_by_text ON instances (text_key);
CREATE INDEX annotations_by_instance ON annotations (instance_id);
CREATE INDEX annotations_by_annotator ON annotations (delivery, annotator);
CREATE INDEX reviews_by_instance ON reviews (instance_id);
"""


class Place(NamedTuple):
    """Where a row stands: the number of its delivery, the file as shown to people, and the line or table row."""

    delivery: int
    file: str
    line: int


class PlacedInstance(NamedTuple):
    """An instance and its place."""

    place: Place
    instance: Instance


class PlacedAnnotation(NamedTuple):
    """An annotation and its place."""

    place: Place
    annotation: Annotation


class PlacedEvent(NamedTuple):
    """A review event and its place.

    Attributes:
        place: Where it stands.
        event: The event.
        named: Who reviewed, as the delivery says it, where the event was sealed on the way in; None where it stands as
            it was delivered. It never leaves the intake.
    """

    place: Place
    event: ReviewEvent
    named: str | None = None


class DeliveryEntry(NamedTuple):
    """A delivery of an intake.

    Attributes:
        number: Its number.
        root: Its folder.
        prefix: Stands before its file names in issues.
        settings: What it declares.
        min_annotations: Annotations that its source gives each instance, where that is known from its mapping.
        ratings_only: Whether it has judgements and, as its mapping says, no instances.
        given: The folder or archive that was given; None where rows were added by hand.
    """

    number: int
    root: Path
    prefix: str
    settings: Delivery
    min_annotations: int | None = None
    ratings_only: bool = False
    given: Path | None = None


class Intake:
    """The rows of deliveries that were read, in a temporary file that vanishes when the intake is closed.

    Use it as a context manager. Iterating over it gives the instances by risk factor and id.

    Attributes:
        issues: What reading found, in the order found.
        folder: A temporary folder that lives as long as the intake.
    """

    def __init__(self) -> None:
        self._temporary = TemporaryDirectory(prefix="assurai-")
        self.folder = Path(self._temporary.name)
        self.issues: list[Issue] = []
        self.rows_read = 0
        self._database = sqlite3.connect(self.folder / "intake.sqlite")
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)

    def __enter__(self) -> "Intake":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary file; the intake can no longer be read."""
        self._database.close()
        self._temporary.cleanup()

    def add_delivery(self, delivery: DeliveryEntry) -> int:
        """Return the number under which the rows of a delivery are kept; the one it came with is passed over."""
        _, root, prefix, settings, least, ratings_only, given = delivery
        return int(
            self._write(
                "INSERT INTO deliveries (root, prefix, settings, min_annotations, ratings_only, given)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (str(root), prefix, settings.model_dump_json(), least, ratings_only, given and str(given)),
            ).lastrowid
            or 0
        )

    def add_instance(self, place: Place, instance: Instance, text_key: bytes) -> None:
        """Keep an instance; instances of equal `text_key` count as the same text."""
        facts = (instance.id, instance.risk_factor, instance.modality, instance.prompt_type, instance.stage)
        self._write(
            "INSERT INTO instances"
            " (id, risk_factor, modality, prompt_type, stage, delivery, file, line, text_key, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*facts, *place, text_key, _body(instance)),
        )

    def add_annotation(self, place: Place, annotation: Annotation) -> None:
        """Keep an annotation."""
        facts = (annotation.instance_id, annotation.response, annotation.annotator_id)
        self._write(
            "INSERT INTO annotations (instance_id, response, annotator, delivery, file, line, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*facts, *place, _body(annotation)),
        )

    def add_review(self, place: Place, event: ReviewEvent, *, named: str | None = None) -> None:
        """Keep a review event; `named` as in `PlacedEvent`."""
        self._write(
            "INSERT INTO reviews (instance_id, sequence, delivery, file, line, body, named)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (event.instance_id, event.sequence, *place, _body(event), named),
        )

    def replace_reviews(self, events: Iterable[PlacedEvent]) -> None:
        """Keep these review events in place of all there were."""
        kept = tuple(events)
        self._write("DELETE FROM reviews", ())
        for place, event, named in kept:
            self.add_review(place, event, named=named)

    def add_refused(self, place: Place, subject: str, values: dict[str, Any], codes: Iterable[str]) -> None:
        """Keep a row that cannot become a record, with the codes that say why."""
        instance_id = values.get("id" if subject == "instance" else "instance_id")
        body = orjson.dumps(values, default=repr, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        row = (*place, subject, instance_id if isinstance(instance_id, str) else None, body, ",".join(codes))
        self._write("INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def leave_out(self, instance_id: str, reason: str) -> None:
        """Keep an instance out of the release; the first reason stands."""
        self._write("INSERT OR IGNORE INTO left_out VALUES (?, ?)", (instance_id, reason))

    def retract(self, instance_id: str, reason: str, date: str) -> None:
        """Keep a withdrawn instance out of the release, whether it is delivered or not."""
        self._write("INSERT INTO retractions VALUES (?, ?, ?)", (instance_id, reason, date))
        self.leave_out(instance_id, f"retracted: {reason}")

    def replace_instance(self, instance: Instance, text_key: bytes) -> None:
        """Put a revised instance in the place of the one with its id; `text_key` as for `add_instance`."""
        facts = (instance.risk_factor, instance.modality, instance.prompt_type, instance.stage, text_key)
        statement = (
            "UPDATE instances SET risk_factor = ?, modality = ?, prompt_type = ?, stage = ?, text_key = ?, body = ?"
            " WHERE id = ?"
        )
        self._write(statement, (*facts, _body(instance), instance.id))

    def add_medium(self, delivery: int, path: str, facts: dict[str, Any]) -> None:
        """Keep what is known of one medium of a delivery."""
        self._write("INSERT OR REPLACE INTO media VALUES (?, ?, ?)", (delivery, path, canonical_json(facts)))

    def finish(self) -> "Intake":
        """Return the intake, ready to be read."""
        self._database.executescript(_INDEXES)
        return self

    @property
    def deliveries(self) -> tuple[DeliveryEntry, ...]:
        """The deliveries, in the order given."""
        rows = self._database.execute("SELECT * FROM deliveries ORDER BY number")
        return tuple(
            DeliveryEntry(
                number,
                Path(root),
                prefix,
                Delivery.model_validate_json(settings),
                least,
                bool(ratings_only),
                Path(given) if given else None,
            )
            for number, root, prefix, settings, least, ratings_only, given in rows
        )

    def __iter__(self) -> Iterator[Instance]:
        for placed in self.instances():
            yield placed.instance

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM instances").fetchone()[0])

    def instances(self, modality: str | None = None, *, instance_id: str | None = None) -> Iterator[PlacedInstance]:
        """Yield the instances by risk factor and id, without those left out; of one modality or one id if given."""
        rows = self._bodies(
            "entering", "risk_factor, id, delivery, file, line", {"modality": modality, "id": instance_id}
        )
        for *place, body in rows:
            yield PlacedInstance(Place(*place), Instance.model_validate_json(body, context=CHECKED))

    def annotations(self, instance_id: str | None = None) -> Iterator[PlacedAnnotation]:
        """Yield annotations in the order read, of one instance if given."""
        rows = self._bodies("annotations", "row", {"instance_id": instance_id})
        for *place, body in rows:
            yield PlacedAnnotation(Place(*place), Annotation.model_validate_json(body, context=CHECKED))

    def reviews(self, instance_id: str | None = None) -> Iterator[PlacedEvent]:
        """Yield review events by their sequence, of one instance if given."""
        rows = self._bodies("reviews", "delivery, sequence, row", {"instance_id": instance_id}, "named")
        for *place, body, named in rows:
            yield PlacedEvent(Place(*place), ReviewEvent.model_validate_json(body, context=CHECKED), named)

    def left_out(self) -> Iterator[tuple[str, str]]:
        """Yield the id of each delivered instance that is kept out of the release, and the reason, by id."""
        query = "SELECT instance_id, reason FROM left_out WHERE instance_id IN known ORDER BY instance_id"
        yield from self._database.execute(query)

    def retractions(self) -> Iterator[tuple[str, str, str]]:
        """Yield id, reason and date of each withdrawn instance, by id: the earliest of several, then by reason."""
        query = "SELECT DISTINCT instance_id, reason, date FROM retractions ORDER BY instance_id, date, reason"
        for _, rows in groupby(self._database.execute(query), key=itemgetter(0)):
            yield next(rows)

    def refused(self) -> Iterator[dict[str, Any]]:
        """Yield the rows that did not become records, each with its place and the codes that say why.

        What could not be read as a row, as a torn line, is there without its values.
        """
        rows = self._database.execute("SELECT delivery, file, line, subject, body, codes FROM refused ORDER BY 1, 2, 3")
        for delivery, file, line, subject, body, codes in rows:
            place = {"delivery": delivery, "file": file, "line": line}
            yield {**place, "subject": subject, "codes": codes.split(","), "row": orjson.loads(body)}

    def keep_packed(self, risk_factor: int, instance_id: str, row: dict[str, Any]) -> None:
        """Keep the index row of an instance that was packed."""
        self._write("INSERT INTO packed VALUES (?, ?, ?)", (risk_factor, instance_id, orjson.dumps(row)))

    def packed(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the risk factor and the index row of every packed instance, by risk factor and id."""
        for number, row in self._database.execute("SELECT risk_factor, row FROM packed ORDER BY risk_factor, id"):
            yield number, orjson.loads(row)

    def modalities(self) -> frozenset[str]:
        """Return the modalities of the instances that are not left out."""
        return frozenset(modality for (modality,) in self._database.execute("SELECT DISTINCT modality FROM entering"))

    def medium(self, delivery: int, path: str) -> dict[str, Any] | None:
        """Return what is known of a medium, or None."""
        found = self._database.execute("SELECT body FROM media WHERE delivery = ? AND path = ?", (delivery, path))
        row = found.fetchone()
        return None if row is None else orjson.loads(row[0])

    def select(self, query: str, values: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an SQL query over the tables of the intake."""
        yield from self._database.execute(query, tuple(values))

    def _bodies(self, table: str, order: str, wanted: dict[str, str | None], *more: str) -> Iterator[tuple[Any, ...]]:
        """Return place, body and more columns of the rows of a table with the wanted values; None wants anything."""
        given = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(["1", *(f"{column} = ?" for column in given)])
        columns = ", ".join(("delivery", "file", "line", "body", *more))
        query = f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order}"  # noqa: S608  our names
        return self._database.execute(query, tuple(given.values()))

    def _write(self, statement: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        return self._database.execute(statement, values)


def _body(record: Instance | Annotation | ReviewEvent) -> bytes:
    return orjson.dumps(record.model_dump(exclude_none=True))
