"""A folder dataset of the Hugging Face kind: media, and a table `metadata` whose `file_name` names them."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import Row, TableFault, read_rows
from assurai_datasets.formats.yaml import YamlError, read_yaml
from assurai_datasets.ingestion.mapping.apply import Mapped, MappedRow
from assurai_datasets.schema.delivery import Delivery

METADATA = frozenset({"metadata.jsonl", "metadata.csv", "metadata.parquet"})
FILE_NAME = "file_name"
SUFFIXES = {
    "image": frozenset([".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic"]),
    "audio": frozenset([".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aiff", ".aif", ".au"]),
    "video": frozenset([".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpeg", ".mpg"]),
}
CARD = "README.md"
CARD_CHARS = 100_000


def metadata_files(folder: Folder) -> tuple[str, ...]:
    """Return the metadata tables of a folder dataset, sorted; none where it is not one."""
    return tuple(name for name in folder.names() if PurePosixPath(name).name in METADATA)


def settings_of_card(folder: Folder) -> Delivery:
    """Return the settings that the dataset card of a folder tells: its licence and language.

    What the card does not tell is the licence `unknown` and the language `und` (BCP 47: undetermined).
    """
    card = _front_matter(folder)
    language = card.get("language")
    language = language[0] if isinstance(language, list) and language else language
    told = {"license": card.get("license"), "language": language}
    texts = {name: value for name, value in told.items() if isinstance(value, str) and value.strip()}
    defaults = {"format": "assurai-delivery/1", "name": "folder-dataset", "license": "unknown", "language": "und"}
    return Delivery.model_validate({**defaults, **texts})


def media_folder_rows(folder: Folder) -> Iterator[Mapped]:
    """Yield the instances of a folder dataset: each row with its file as input medium.

    Other columns are our fields. Where the row does not say, the modality follows from the end of the file's name, the
    id is the name without it, and a column `text` is the prompt.
    """
    for metadata in metadata_files(folder):
        for row in read_rows(folder, metadata):
            yield row if isinstance(row, TableFault) else MappedRow("instance", _with_medium(row, metadata))


def _with_medium(row: Row, metadata: str) -> Row:
    values = dict(row.values)
    name = values.pop(FILE_NAME, None)
    if isinstance(name, str) and name:
        path = PurePosixPath(metadata).parent / name if not name.startswith("/") else PurePosixPath(name)
        suffix = path.suffix.casefold()
        values.setdefault("media.path" if row.flat else "media", path.as_posix() if row.flat else {"path": str(path)})
        _fill_in(values, "modality", next((kind for kind, known in SUFFIXES.items() if suffix in known), None))
        _fill_in(values, "id", path.stem)
    if "text" in values and "prompt" not in values:
        values["prompt"] = values.pop("text")
    return row._replace(values=values)


def _fill_in(values: dict[str, Any], name: str, value: Any) -> None:
    if values.get(name) in (None, "") and value is not None:
        values[name] = value


def _front_matter(folder: Folder) -> dict[str, Any]:
    try:
        path = folder.resolve(CARD)
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(CARD_CHARS)
        value = read_yaml(text.split("---")[1]).value if text.startswith("---") else None
    except (OSError, UnicodeDecodeError, PathEscapesError, YamlError, IndexError):
        return {}
    return value if isinstance(value, dict) else {}
