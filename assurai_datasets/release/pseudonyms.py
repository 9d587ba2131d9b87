"""Names for annotators that tell nothing: numbered by what they judged, or keyed."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from itertools import groupby

import orjson

from assurai_datasets.formats.digest import digest_of, fold_digests
from assurai_datasets.formats.intake import Intake

KEYED_DIGITS = 16
Annotator = tuple[int, str]


def pseudonyms(intake: Intake, key: bytes | None = None) -> Mapping[Annotator, str]:
    """Return a pseudonym for each annotator of each delivery, known by the delivery's number and the raw id.

    Without a key they are `a001, a002, ...` in the order of the digests of each one's judgements, so the same
    judgements give the same names whatever the raw ids are. With a key they are the first 16 hexadecimal digits of
    HMAC-SHA-256 of the raw id, so the same person has one name across deliveries and releases.
    """
    if key is not None:
        return {annotator: f"k{_keyed(key, annotator[1])}" for annotator, _ in _judgements(intake)}
    order = sorted(_judgements(intake), key=lambda entry: entry[1])
    width = max(3, len(str(len(order))))
    return {annotator: f"a{number:0{width}d}" for number, (annotator, _) in enumerate(order, start=1)}


def _keyed(key: bytes, raw_id: str) -> str:
    return hmac.new(key, raw_id.encode("utf-8"), hashlib.sha256).hexdigest()[:KEYED_DIGITS]


def _judgements(intake: Intake) -> Iterator[tuple[Annotator, str]]:
    """Yield each annotator with the digest of everything that annotator said."""
    rows = intake.select("SELECT delivery, annotator, body FROM annotations ORDER BY delivery, annotator")
    for annotator, group in groupby(rows, key=lambda row: (row[0], row[1])):
        yield annotator, fold_digests(_anonymous_digest(body) for _, _, body in group)


def _anonymous_digest(body: bytes) -> str:
    return digest_of({name: value for name, value in orjson.loads(body).items() if name != "annotator_id"})
