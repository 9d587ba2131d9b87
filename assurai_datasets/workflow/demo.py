"""The whole main job on the bundled sample: deliver, check, build, load back."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from assurai_datasets.errors import UsageError
from assurai_datasets.release import MANIFEST, SPLIT, read_manifest
from assurai_datasets.workflow.build import DATASET, Built, build_release
from assurai_datasets.workflow.sample import make_sample_delivery

VERSION = "1.0.0"


class LoadedConfig(NamedTuple):
    """A config of a release as `datasets` loads it.

    Attributes:
        name: Name of the config.
        rows: Number of rows.
        features: Type of each column.
        first: The first row, media as their bytes.
    """

    name: str
    rows: int
    features: dict[str, Any]
    first: dict[str, Any]


def build_sample(output: str | Path) -> Built:
    """Return the report and the release of the bundled sample; an earlier demo in the same place is replaced.

    Raises:
        UsageError: Something else is in the place.
    """
    output = Path(output)
    if (output / MANIFEST).is_file() and read_manifest(output).sources[0].name != sample_name():
        raise UsageError(f"{str(output)!r} is a release of your own; give another folder: assurai demo -o DIR")
    with TemporaryDirectory(prefix="assurai-demo-") as temporary:
        delivery = make_sample_delivery(Path(temporary) / "sample")
        return build_release(delivery, output=output, version=VERSION, name=DATASET, overwrite=True)


def sample_name() -> str:
    """Return the name the bundled sample delivery gives itself."""
    return "assurai-sample"


def load_back(release: str | Path) -> Iterator[LoadedConfig]:
    """Yield every config of a release as `datasets` loads it from the folder."""
    from datasets import Audio, Image, Video
    from datasets.load import load_dataset
    from datasets.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    for name in read_manifest(Path(release)).configs:
        dataset = load_dataset(str(release), name, split=SPLIT)
        raw = dataset
        for column, feature in dataset.features.items():
            if isinstance(feature, Audio | Image | Video):
                raw = raw.cast_column(column, type(feature)(decode=False))
        yield LoadedConfig(name, dataset.num_rows, dict(dataset.features), raw.with_format("arrow")[0].to_pylist()[0])
