"""Foreign tables come in by declaration: the mapping language, its packaged mappings, and applying them."""

from assurai_datasets.ingestion.mapping.apply import Mapped, MappedRow, apply_mapping
from assurai_datasets.ingestion.mapping.model import Mapping
from assurai_datasets.ingestion.mapping.read import MappingError, load_mapping, packaged_mappings, parse_mapping
from assurai_datasets.ingestion.mapping.tables import map_tables

__all__ = [
    "Mapped",
    "MappedRow",
    "Mapping",
    "MappingError",
    "apply_mapping",
    "load_mapping",
    "map_tables",
    "packaged_mappings",
    "parse_mapping",
]
