"""Reading a mapping: a packaged one by its name, or a file; its errors name their line."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assurai_datasets.errors import DataError, UnknownNameError, UsageError
from assurai_datasets.formats.yaml import YamlDocument, YamlError, read_yaml
from assurai_datasets.ingestion.mapping.model import Mapping
from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.record import Record

PACKAGED = Path(__file__).with_name("packaged")
MAX_BYTES = 1_000_000
FIELDS: dict[str, type[Record]] = {"instances": Instance, "annotations": Annotation}


class MappingError(DataError):
    """A mapping that is not one.

    Attributes:
        message: What was found, without the place.
        line: Line of the mapping, counted from 1.
    """

    def __init__(self, name: str, message: str, line: int) -> None:
        super().__init__(f"{name}:{line}: {message}")
        self.message = message
        self.line = line


def packaged_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come with this package."""
    return tuple(sorted(path.stem for path in PACKAGED.glob("*.yaml")))


def load_mapping(name: str | Path) -> Mapping:
    """Return a packaged mapping by its name, or the mapping in a file.

    Raises:
        UnknownNameError: There is neither such a mapping nor such a file.
        UsageError: The file cannot be read.
        MappingError: What it holds is no mapping; the message names the line.
    """
    if str(name) in packaged_mappings():
        path = PACKAGED / f"{name}.yaml"
    elif not (path := Path(name)).is_file():
        near = get_close_matches(str(name), packaged_mappings(), n=1)
        hint = f"did you mean {near[0]!r}? Else give" if near else "give"
        known = ", ".join(packaged_mappings())
        raise UnknownNameError(f"there is no mapping {str(name)!r}; {hint} a YAML file, or one of {known}")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read the mapping {str(name)!r}: {error.strerror}") from error
    return parse_mapping(data, path.name)


def parse_mapping(data: bytes, name: str) -> Mapping:
    """Return the mapping that UTF-8 text holds; `name` stands in messages.

    Raises:
        MappingError: It holds none; the message names the line.
    """
    try:
        document = read_yaml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MappingError(name, "it is not UTF-8", data[: error.start].count(b"\n") + 1) from error
    except YamlError as error:
        raise MappingError(name, error.message, error.line) from error
    try:
        mapping = Mapping.model_validate(document.value)
    except ValidationError as error:
        raise _first_error(error, document, name) from error
    for place, message in _unknown_fields(mapping):
        raise MappingError(name, message, document.line_of(place))
    return mapping


def _first_error(error: ValidationError, document: YamlDocument, name: str) -> MappingError:
    """Return the error of the first line that has one.

    What only follows from an error inside it is passed over, and a missing key is told after all others.
    """
    details = error.errors(include_url=False)
    inner = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
    own = [detail for detail in details if detail["loc"] not in inner] or details
    lines = [document.line_of(_place(detail["loc"], document.value)) for detail in own]
    line, detail = min(zip(lines, own, strict=True), key=lambda pair: (pair[1]["type"] == "missing", pair[0]))
    key = detail["loc"][-1] if detail["loc"] else ""
    messages = {"extra_forbidden": f"there is no key {key!r} here", "missing": f"{key!r} is missing"}
    said = detail["msg"].removeprefix("Value error, ")
    return MappingError(name, messages.get(detail["type"], f"{key}: {said}" if key else said), line)


def _place(location: tuple[str | int, ...], value: Any) -> tuple[str | int, ...]:
    """Return the part of an error's location that leads through the document; names of types are left out."""
    place: list[str | int] = []
    for part in location:
        if _leads_on(part, value):
            value = value[part]
            place.append(part)
    return tuple(place)


def _leads_on(part: str | int, value: Any) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def _unknown_fields(mapping: Mapping) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, table in enumerate(mapping.tables):
        for kind, model in FIELDS.items():
            for position, group in enumerate(getattr(table, kind)):
                for field in group.fields:
                    if field.split(".")[0] not in model.model_fields:
                        near = get_close_matches(field, model.model_fields, n=1)
                        hint = f"; did you mean {near[0]!r}?" if near else ""
                        place = ("tables", number, kind, position, "fields", field)
                        yield place, f"{kind} have no field {field!r}{hint}"
