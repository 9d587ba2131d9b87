"""Column types in the spelling that every version of `datasets` from 2.21 reads, and the Arrow types they stand for.

A feature is `value("string")`, a medium, a list of either, or a struct. The spelling is the JSON that `datasets` keeps
in the Parquet metadata: `Sequence` for lists of values, `[{...}]` for lists of structs (the newer `List` is unknown
before datasets 4).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa

Feature = Mapping[str, Any] | list[Any]
Features = Mapping[str, Feature]
MEDIA_TYPES = ("Image", "Audio", "Video")
MEDIUM_STORAGE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])


def value(dtype: str) -> Feature:
    """Return the feature of a single value: `string`, `int64`, `float64` or `bool`."""
    return {"dtype": dtype, "_type": "Value"}


def medium(kind: str) -> Feature:
    """Return the feature of a medium: `Image`, `Audio` or `Video`."""
    return {"_type": kind}


def list_of(feature: Feature) -> Feature:
    """Return the feature of a list of a value, a medium or a struct."""
    return {"feature": feature, "_type": "Sequence"} if "_type" in feature else [feature]


def arrow_type(feature: Feature) -> pa.DataType:
    """Return the Arrow type in which `datasets` stores a feature."""
    if isinstance(feature, list):
        return pa.list_(arrow_type(feature[0]))
    kind = feature.get("_type")
    if kind is None:
        return pa.struct([pa.field(name, arrow_type(inner)) for name, inner in feature.items()])
    if kind == "Sequence":
        return pa.list_(arrow_type(feature["feature"]))
    if kind in MEDIA_TYPES:
        return MEDIUM_STORAGE
    return pa.type_for_alias(feature["dtype"])


def arrow_schema(features: Features, metadata: Mapping[str, Any]) -> pa.Schema:
    """Return the Arrow schema of features, with the metadata that `datasets` reads them back from.

    Args:
        features: Feature by column name, in the order of the columns.
        metadata: Further facts to keep in the file, as JSON under the key `assurai`.
    """
    known = {"huggingface": {"info": {"features": features}}, "assurai": metadata}
    fields = [pa.field(name, arrow_type(feature)) for name, feature in features.items()]
    return pa.schema(fields, {key: orjson.dumps(value) for key, value in known.items()})


def read_features(schema: pa.Schema) -> Features:
    """Return the features that the metadata of a schema holds.

    Raises:
        ValueError: It holds none, or not those of its columns: `datasets` would read these without their types.
    """
    try:
        features: Features = orjson.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        types = {name: arrow_type(feature) for name, feature in features.items()}
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("the metadata holds no features of its columns") from error
    if types != dict(zip(schema.names, schema.types, strict=True)):
        raise ValueError("the features in the metadata are not those of the columns")
    return features


def leaves(kind: pa.DataType, path: str) -> Iterator[tuple[str, bool]]:
    """Yield the Parquet path of every leaf column under a column, and whether it holds the bytes of a medium."""
    if pa.types.is_struct(kind):
        for inner in kind:
            if kind == MEDIUM_STORAGE and inner.name == "bytes":
                yield f"{path}.bytes", True
            else:
                yield from leaves(inner.type, f"{path}.{inner.name}")
    elif pa.types.is_list(kind):
        yield from leaves(kind.value_type, f"{path}.list.element")
    else:
        yield path, False
