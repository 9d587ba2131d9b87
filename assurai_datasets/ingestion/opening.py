"""Opening a delivery, whatever it comes as: folder or archive, with or without settings, ours or foreign."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from assurai_datasets.errors import PathEscapesError, UsageError
from assurai_datasets.files import Folder, kind_of
from assurai_datasets.files.archives import ArchiveFault, Reason, is_archive, unpack_delivery
from assurai_datasets.ingestion.mapping import (
    Mapped,
    Mapping,
    MappingError,
    load_mapping,
    map_tables,
    packaged_mappings,
)
from assurai_datasets.ingestion.mapping.read import MAX_BYTES, parse_mapping
from assurai_datasets.ingestion.media_folder import media_folder_rows, metadata_files, settings_of_card
from assurai_datasets.ingestion.published import INDEX, SETTINGS, is_published, published_rows
from assurai_datasets.ingestion.settings import SETTINGS_FILE, read_settings
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import DELIVERY_FORMAT, Delivery
from assurai_datasets.schema.issue import Issue, make_issue

Polarity = Literal["safety", "risk"]
CODES: dict[Reason, Code] = {
    "limit": Code.DELIVERY_LIMIT_EXCEEDED,
    "path": Code.DELIVERY_PATH_ESCAPES,
    "unreadable": Code.DELIVERY_FILE_UNREADABLE,
    "encrypted": Code.DELIVERY_MEMBER_REFUSED,
    "link": Code.DELIVERY_MEMBER_REFUSED,
    "special": Code.DELIVERY_MEMBER_REFUSED,
    "duplicate": Code.DELIVERY_MEMBER_REFUSED,
}


class Opened(NamedTuple):
    """A delivery ready to be read.

    Attributes:
        folder: Its files, archives unpacked.
        settings: What it declares, or what is known of its kind; None where it cannot be read, and the issues say why.
        issues: What was wrong so far; files are named relative to the delivery.
        rows: Gives its instances and annotations where these are made by a mapping or of a known layout; None where
            the tables that the settings name hold our own fields.
        mapping: The mapping in use, with its policy values and the reason why it makes no instances.
    """

    folder: Folder
    settings: Delivery | None
    issues: tuple[Issue, ...] = ()
    rows: Callable[[], Iterator[Mapped]] | None = None
    mapping: Mapping | None = None


def open_delivery(
    delivery: Path, into: Path, *, mapping: Mapping | None = None, score_polarity: Polarity | None = None
) -> Opened:
    """Return a delivery opened: unpacked, its settings read or recognised, its mapping found.

    Args:
        delivery: A folder, or an archive.
        into: An empty folder for what archives hold; it must last as long as the delivery is read.
        mapping: Used in place of the one the delivery names.
        score_polarity: What its scores mean, over what it declares. The published AssurAI files need it.

    Raises:
        UsageError: `delivery` is neither a folder nor an archive.
    """
    _check_exists(delivery)
    root, faults = unpack_delivery(delivery, into)
    unpacked = tuple(_archive_issue(fault) for fault in faults)
    opened = _open_folder(Folder(root), mapping)
    if opened.settings is not None:
        opened = _with_polarity(opened, opened.settings, score_polarity)
    return opened._replace(issues=unpacked + opened.issues)


def _check_exists(delivery: Path) -> None:
    if not delivery.exists():
        raise UsageError(f"cannot read the delivery {str(delivery)!r}: it does not exist")
    if not delivery.is_dir() and not is_archive(delivery.name):
        raise UsageError(f"cannot read the delivery {str(delivery)!r}: it is a file, neither a folder nor an archive")


def _archive_issue(fault: ArchiveFault) -> Issue:
    message = f"{fault.member!r}: {fault.message}" if fault.member else fault.message
    return make_issue(CODES[fault.reason], message, fault.hint, file=fault.archive)


def _open_folder(folder: Folder, mapping: Mapping | None) -> Opened:
    if SETTINGS_FILE in folder.names():
        return _open_declared(folder, mapping)
    if mapping is not None:
        return _mapped(folder, mapping, None)
    if is_published(folder):
        return Opened(folder, SETTINGS, rows=lambda: published_rows(folder))
    if metadata_files(folder):
        return Opened(folder, settings_of_card(folder), rows=lambda: media_folder_rows(folder))
    return Opened(folder, *read_settings(folder))


def _open_declared(folder: Folder, mapping: Mapping | None) -> Opened:
    settings, issues = read_settings(folder)
    if settings is None or (mapping is None and settings.mapping is None):
        return Opened(folder, settings, issues)
    if mapping is None:
        try:
            mapping = _named_mapping(folder, settings.mapping or "")
        except (MappingError, UsageError, PathEscapesError) as error:
            return Opened(folder, None, (*issues, _mapping_issue(error, settings.mapping or "")))
    opened = _mapped(folder, mapping, settings)
    return opened._replace(issues=issues + opened.issues)


def _named_mapping(folder: Folder, name: str) -> Mapping:
    """Return the mapping a delivery names: a packaged one, or a file in its folder.

    Raises:
        MappingError: It is not one.
        UsageError: There is neither.
        PathEscapesError: The name leads out of the delivery.
    """
    if name in packaged_mappings():
        return load_mapping(name)
    path = folder.resolve(name)
    if kind_of(path) != "file":
        raise UsageError(f"there is no mapping {name!r} in the delivery, nor a packaged one of that name")
    with path.open("rb") as file:
        return parse_mapping(file.read(MAX_BYTES + 1), name)


def _mapping_issue(error: Exception, name: str) -> Issue:
    if isinstance(error, MappingError):
        hint = "correct the mapping; docs/reference/mapping.md shows every key"
        return make_issue(Code.DELIVERY_MAPPING_INVALID, error.message, hint, file=name, line=error.line)
    hint = f"name a file of the delivery, or one of {', '.join(packaged_mappings())}"
    return make_issue(Code.DELIVERY_MAPPING_INVALID, str(error), hint, file=SETTINGS_FILE, field="mapping")


def _mapped(folder: Folder, mapping: Mapping, declared: Delivery | None) -> Opened:
    """Return a delivery read by a mapping, whose settings fill in what the delivery itself does not declare."""
    known: dict[str, Any] = mapping.settings.model_dump(exclude_none=True, exclude_unset=True)
    own: dict[str, Any] = (
        declared.model_dump(exclude_unset=True) if declared is not None else {"format": DELIVERY_FORMAT}
    )
    labels = {**known.pop("labels", {}), **own.pop("labels", {})}
    try:
        settings = Delivery.model_validate({**_files_of(mapping), **known, **own, "labels": labels})
    except ValidationError as error:
        return Opened(folder, None, (_incomplete(error),), mapping=mapping)
    names = {"instances": own.get("instances"), "annotations": own.get("annotations")}
    return Opened(folder, settings, rows=lambda: map_tables(mapping, folder, **names), mapping=mapping)


def _files_of(mapping: Mapping) -> dict[str, tuple[str, ...]]:
    """Return the files that a mapping makes instances and annotations of, as a delivery would declare them."""
    files: dict[str, tuple[str, ...]] = {}
    for table in mapping.tables:
        names = (table.files,) if isinstance(table.files, str) else table.files or ()
        for kind in ("instances", "annotations"):
            if names and getattr(table, kind):
                files[kind] = tuple(dict.fromkeys((*files.get(kind, ()), *names)))
    return files


def _incomplete(error: ValidationError) -> Issue:
    absent = ", ".join(".".join(map(str, detail["loc"])) for detail in error.errors())
    message = f"there is no {SETTINGS_FILE}, and the mapping does not give all settings: {absent}"
    hint = f"add a {SETTINGS_FILE}, or give them under settings in the mapping"
    return make_issue(Code.DELIVERY_SETTINGS_MISSING, message, hint, file=SETTINGS_FILE)


def _with_polarity(opened: Opened, settings: Delivery, polarity: Polarity | None) -> Opened:
    if polarity is not None:
        return opened._replace(settings=settings.model_copy(update={"score_polarity": polarity}))
    if settings is not SETTINGS:
        return opened
    message = "the published files do not say whether a high score is safe or risky"
    hint = "say it: --score-polarity safety (5 is safe) or --score-polarity risk (5 is the worst)"
    issue = make_issue(Code.DELIVERY_POLARITY_MISSING, message, hint, file=INDEX)
    return opened._replace(settings=None, issues=(*opened.issues, issue))
