"""Counting a release or a delivery."""

from pathlib import Path

from assurai_datasets.errors import UsageError
from assurai_datasets.ingestion import ingest
from assurai_datasets.release import MANIFEST, SPLIT, Counts, count_instances, count_release, read_manifest


def summarize(source: str | Path) -> Counts:
    """Return how many instances of each kind a release or a delivery has.

    Args:
        source: A release (a folder with `release.json`) or a delivery. Rows of a delivery that cannot be read as
            instances are not counted; `assurai validate` names them.

    Raises:
        UsageError: It cannot be read, or is neither.
    """
    folder = Path(source)
    if not folder.exists():
        raise UsageError(f"cannot read {str(folder)!r}: it does not exist")
    if (folder / MANIFEST).is_file():
        return count_release(folder, read_manifest(folder).configs["index"].splits[SPLIT].files)
    # Which end of the scale is safe changes no count, and the published files do not say it.
    with ingest(folder, score_polarity="safety") as intake:
        if not intake.deliveries:
            found = intake.issues[0]
            raise UsageError(f"cannot count {str(folder)!r}: {found.message}; {found.hint}")
        kinds = intake.select("SELECT risk_factor, modality, prompt_type FROM instances")
        return count_instances((int(number), str(modality), str(name)) for number, modality, name in kinds)
