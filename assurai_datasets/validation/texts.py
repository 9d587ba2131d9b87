"""What is odd about the texts of instances, and whether they or annotators' comments hold personal data."""

from collections.abc import Iterator
from itertools import groupby
from types import MappingProxyType
from typing import Any

import orjson

from assurai_datasets.errors import UsageError
from assurai_datasets.formats.intake import DeliveryEntry, Intake, Place
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.texts import mentions_of, texts_of
from assurai_datasets.text import HINTS, PersonalDataFinding, allow_list, check_text, find_personal_data
from assurai_datasets.validation.places import issue_at, listed

SHORTEST_CHOICE = 1
KINDS = MappingProxyType(
    {
        "resident-number": "a resident registration number",
        "foreigner-number": "a foreigner registration number",
        "driving-licence": "the number of a driving licence",
        "passport": "the number of a passport",
        "phone": "a phone number",
        "card": "the number of a card",
        "bank-account": "the number of a bank account",
        "business-number": "a business registration number",
        "email": "an e-mail address",
        "url-token": "a URL with a token or password",
        "ip-address": "an IP address",
        "address": "an address with a house number",
    }
)
Allowed = dict[int, frozenset[str]]


def check_texts(intake: Intake) -> Iterator[Issue]:
    """Yield the issues of the characters, the language and the personal data of instances' texts and of comments."""
    allowed: Allowed = {}
    for entry in intake.deliveries:
        allowed[entry.number], issues = _acknowledged(entry)
        yield from issues
    yield from _instance_texts(intake, allowed)
    yield from _comments(intake, allowed)


def _acknowledged(entry: DeliveryEntry) -> tuple[frozenset[str], list[Issue]]:
    """Return the values a delivery acknowledges as invented, and an issue for each entry that names none."""
    digests: frozenset[str] = frozenset()
    issues = []
    for position, value in enumerate(entry.settings.allow_personal_data):
        try:
            digests |= allow_list([value])
        except UsageError as error:
            file, field = f"{entry.prefix}delivery.yaml", f"allow_personal_data.{position}"
            hint = "write the value as it stands in the text, or sha256: and its digest"
            issues.append(make_issue(Code.DELIVERY_SETTINGS_INVALID, str(error), hint, file=file, field=field))
    return digests, issues


def _instance_texts(intake: Intake, allowed: Allowed) -> Iterator[Issue]:
    rows = intake.select("SELECT id, body, delivery, file, line FROM entering ORDER BY delivery, file, line")
    for instance_id, body, *where in rows:
        instance, place = orjson.loads(body), Place(*where)
        for field, text in texts_of(instance):
            for code, message, hint in _problems(field, text, instance.get("language"), allowed[place.delivery]):
                yield issue_at(place, code, message, hint, instance_id=instance_id, field=field)
        for field, media in mentions_of(instance):
            for found in _personal_data(media["path"], allowed[place.delivery]):
                message, hint = f"the name of the file seems to hold {found}", "give it another: releases show it"
                code = Code.INSTANCE_PERSONAL_DATA
                yield issue_at(place, code, message, hint, instance_id=instance_id, field=f"{field}.path")


def _problems(field: str, text: str, language: str | None, allow: frozenset[str]) -> Iterator[tuple[Code, str, str]]:
    shortest: dict[str, Any] = {"shortest": SHORTEST_CHOICE} if field.startswith("choices.") else {}
    for finding in check_text(text, language=language, **shortest):
        yield Code(f"instance-text-{finding.kind}"), finding.what, HINTS[finding.kind]
    for message in _personal_data(text, allow):
        yield Code.INSTANCE_PERSONAL_DATA, f"it seems to hold {message}", HINTS["personal-data"]


def _personal_data(text: str, allow: frozenset[str]) -> Iterator[str]:
    """Yield what of each kind of personal data a text holds: masked, with the confidence."""
    found = sorted(find_personal_data(text, allow=allow), key=lambda finding: finding.kind)
    for kind, group in groupby(found, key=lambda finding: finding.kind):
        yield f"{KINDS[kind]}: {listed([_shown(finding) for finding in group])}"


def _shown(finding: PersonalDataFinding) -> str:
    return f"{finding.masked} ({finding.confidence} confidence)"


def _comments(intake: Intake, allowed: Allowed) -> Iterator[Issue]:
    rows = intake.select(
        "SELECT instance_id, json_extract(body, '$.comment') AS comment, delivery, file, line FROM annotations"
        " WHERE comment IS NOT NULL"
    )
    hint = "have it taken out of the comment"
    for instance_id, comment, *where in rows:
        place = Place(*where)
        for message in _personal_data(comment, allowed[place.delivery]):
            found = f"the comment seems to hold {message}"
            yield issue_at(place, Code.ANNOTATION_PERSONAL_DATA, found, hint, instance_id=instance_id, field="comment")
