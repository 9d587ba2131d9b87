"""A mapping on all tables of a delivery."""

from collections.abc import Iterator

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import TableFault, read_rows
from assurai_datasets.ingestion.mapping.apply import Mapped, apply_mapping
from assurai_datasets.ingestion.mapping.merge import merge_instances
from assurai_datasets.ingestion.mapping.model import Mapping, TableMapping
from assurai_datasets.schema.codes import Code

Names = str | tuple[str, ...] | None


def map_tables(
    mapping: Mapping, folder: Folder, *, instances: Names = None, annotations: Names = None
) -> Iterator[Mapped]:
    """Yield the records and faults that a mapping makes of the tables of a delivery.

    Args:
        mapping: What becomes what.
        folder: The delivery.
        instances: Files for tables of instances that name no files of their own: what `delivery.yaml` says.
        annotations: The same for tables that give only annotations.
    """
    mapped = (
        item
        for table in mapping.tables
        for name in _files_of(table, folder, instances if table.instances else annotations)
        for item in (apply_mapping(table, read_rows(folder, name)) if isinstance(name, str) else (name,))
    )
    return merge_instances(mapped)


def _files_of(table: TableMapping, folder: Folder, declared: Names) -> Iterator[str | TableFault]:
    names = table.files if table.files is not None else declared
    if names is None:
        hint = "say files: in the mapping, or instances: or annotations: in delivery.yaml"
        yield TableFault(Code.DELIVERY_FILE_MISSING, "mapping", None, "a table of the mapping names no file", hint)
        return
    for name in (names,) if isinstance(names, str) else names:
        yield from _expanded(name, folder)


def _expanded(name: str, folder: Folder) -> Iterator[str | TableFault]:
    if not set("*?[") & set(name):
        yield name
        return
    try:
        found = folder.glob(name)
    except PathEscapesError as error:
        yield TableFault(Code.DELIVERY_PATH_ESCAPES, name, None, str(error), "name files inside the delivery")
        return
    if not found:
        message = f"no file matches {name!r}"
        yield TableFault(Code.DELIVERY_FILE_MISSING, name, None, message, "add it, or correct the pattern")
    yield from found
