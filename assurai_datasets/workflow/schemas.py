"""The JSON Schemas of all models, as files."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from assurai_datasets.files import write_atomically
from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.record import Record
from assurai_datasets.schema.release import Release
from assurai_datasets.schema.report import Report
from assurai_datasets.schema.review import ReviewEvent

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELS: MappingProxyType[str, type[Record]] = MappingProxyType(
    {
        "annotation": Annotation,
        "delivery": Delivery,
        "instance": Instance,
        "issue": Issue,
        "policy": Policy,
        "release": Release,
        "report": Report,
        "review": ReviewEvent,
    }
)


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, but keys of another form than an object asks for are refused, as in the models."""

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found


def make_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a model by its name."""
    return {"$schema": DIALECT, **MODELS[name].model_json_schema(schema_generator=_Generator)}


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Return the files `<name>.schema.json` after writing them into a folder, which is made if it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        write_atomically(folder / _file_name(name), _text(name))
    return tuple(folder / _file_name(name) for name in MODELS)


def stale_schemas(folder: Path) -> tuple[str, ...]:
    """Return the names of the files in a folder that are missing or differ from the models."""
    return tuple(_file_name(name) for name in MODELS if not _is_fresh(folder / _file_name(name), _text(name)))


def _is_fresh(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _file_name(name: str) -> str:
    return f"{name}.schema.json"


def _text(name: str) -> str:
    return json.dumps(make_schema(name), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
