"""From suppliers' deliveries to typed rows."""

from assurai_datasets.ingestion.flat_rows import read_flat_row
from assurai_datasets.ingestion.ingest import ingest
from assurai_datasets.ingestion.opening import Polarity

__all__ = ["Polarity", "ingest", "read_flat_row"]
