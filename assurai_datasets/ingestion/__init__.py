"""From suppliers' deliveries to typed rows."""

from assurai_datasets.ingestion.ingest import Polarity, ingest

__all__ = ["Polarity", "ingest"]
