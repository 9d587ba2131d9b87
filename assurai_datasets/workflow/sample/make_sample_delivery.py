"""The bundled sample as a folder: texts and judgements as they travel with the package, media drawn on the spot."""

from importlib.resources import files
from pathlib import Path

from assurai_datasets.files import building_folder
from assurai_datasets.workflow.sample.media import generate_media
from assurai_datasets.workflow.sample.specs import load_specs


def make_sample_delivery(folder: Path) -> Path:
    """Return `folder`, now a delivery of harmless Korean instances in all four modalities, each judged three times.

    The folder appears whole or not at all, with the same bytes in every run on one machine.

    Args:
        folder: A new or empty folder; the folder it stands in exists.

    Raises:
        UsageError: The folder holds files, or there is no folder for it to stand in.
    """
    with building_folder(folder, overwrite=False) as building:
        for source in files(__package__).joinpath("delivery").iterdir():
            (building / source.name).write_bytes(source.read_bytes())
        for path, content in generate_media(load_specs()):
            target = building / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return folder
