"""From suppliers' deliveries to typed rows."""

from assurai_datasets.ingestion.ingest import ingest

__all__ = ["ingest"]
