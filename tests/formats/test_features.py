"""Column types in the spelling that old clients read, and exactly the Arrow types they stand for."""

import datasets
import orjson
import pyarrow as pa
import pytest
from datasets import Features as DatasetsFeatures

from assurai_datasets.formats.columns import (
    ANNOTATION_COLUMNS,
    INDEX_COLUMNS,
    REVIEW_COLUMNS,
    modality_columns,
)
from assurai_datasets.formats.features import (
    MEDIUM_STORAGE,
    Features,
    arrow_schema,
    leaves,
    list_of,
    medium,
    read_features,
    value,
)
from assurai_datasets.release.taxonomy_table import TAXONOMY_COLUMNS

MADE = ("image", "audio", "video")
CONFIGS = {
    "index": INDEX_COLUMNS,
    "annotations": ANNOTATION_COLUMNS,
    "reviews": REVIEW_COLUMNS,
    "taxonomy": TAXONOMY_COLUMNS,
    **{name: modality_columns(name, MADE) for name in ("text", *MADE)},
}


def spellings(feature: object) -> set[str]:
    """Return every `_type` in a feature."""
    if isinstance(feature, list):
        return spellings(feature[0])
    assert isinstance(feature, dict)
    own = {feature["_type"]} if "_type" in feature else set()
    return own.union(*(spellings(inner) for inner in feature.values() if isinstance(inner, dict | list)))


@pytest.mark.parametrize("config", CONFIGS)
def test_the_storage_of_every_column_is_exactly_what_datasets_expects(config: str) -> None:
    schema = arrow_schema(CONFIGS[config], {})
    known = orjson.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert DatasetsFeatures.from_dict(known).arrow_schema.remove_metadata() == schema.remove_metadata()


@pytest.mark.parametrize("config", CONFIGS)
def test_only_types_that_clients_before_version_4_know_are_spelled(config: str) -> None:
    """`List` and `Json` are unknown there; lists of structs are written `[{...}]`, lists of values `Sequence`."""
    assert set().union(*map(spellings, CONFIGS[config].values())) <= {"Value", "Sequence", "Image", "Audio", "Video"}


def test_no_storage_is_large_or_a_dictionary() -> None:
    for config in CONFIGS.values():
        for field in arrow_schema(config, {}):
            assert "large" not in str(field.type)
            assert "dictionary" not in str(field.type)
            assert field.nullable


def test_media_are_stored_as_bytes_and_path_in_this_order() -> None:
    assert pa.struct([("bytes", pa.binary()), ("path", pa.string())]) == MEDIUM_STORAGE
    assert datasets.Image().pa_type == datasets.Audio().pa_type == datasets.Video().pa_type == MEDIUM_STORAGE


def test_leaves_name_every_parquet_column_and_tell_media_from_the_rest() -> None:
    columns: Features = {
        "id": value("string"),
        "image": medium("Image"),
        "answers": list_of(medium("Audio")),
        "turns": list_of({"role": value("string"), "media": {"path": value("string")}}),
    }
    found = [leaf for field in arrow_schema(columns, {}) for leaf in leaves(field.type, field.name)]
    assert found == [
        ("id", False),
        ("image.bytes", True),
        ("image.path", False),
        ("answers.list.element.bytes", True),
        ("answers.list.element.path", False),
        ("turns.list.element.role", False),
        ("turns.list.element.media.path", False),
    ]


def test_features_are_read_back_from_the_schema() -> None:
    for columns in CONFIGS.values():
        assert read_features(arrow_schema(columns, {})) == columns


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {b"huggingface": b"{"},
        {b"huggingface": b"[]"},
        {b"huggingface": b'{"info": {"features": {"id": {"_type": "Unknown", "dtype": "string"}, "n": null}}}'},
        {b"huggingface": b'{"info": {"features": {"id": {"_type": "Sequence"}}}}'},
        {b"huggingface": b'{"info": {"features": {"id": {"_type": "Value", "dtype": "int64"}}}}'},
    ],
)
def test_metadata_without_the_features_of_the_columns_is_refused(metadata: dict[bytes, bytes] | None) -> None:
    with pytest.raises(ValueError, match="the metadata"):
        read_features(pa.schema([("id", pa.string())], metadata))
