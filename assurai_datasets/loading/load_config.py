"""Loading one config of a release."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from datasets import Dataset, DatasetInfo, Features, IterableDataset, NamedSplit, Version, load_dataset
from huggingface_hub import is_offline_mode

from assurai_datasets.errors import UsageError
from assurai_datasets.formats.columns import ANNOTATION_COLUMNS, INDEX_COLUMNS, MEDIUM_OF_MODALITY, REVIEW_COLUMNS
from assurai_datasets.loading.address import ReleaseAddress, chosen_address, parse_address
from assurai_datasets.loading.decoding import with_decoding
from assurai_datasets.loading.opened import CARD, OpenedRelease, find_split, open_release
from assurai_datasets.loading.selection import Names, RiskFactors, make_selection
from assurai_datasets.schema.release import Split
from assurai_datasets.taxonomy.names import NameTable


def load(
    config: str,
    *,
    risk_factor: RiskFactors | None = None,
    category: Names | None = None,
    prompt_type: Names | None = None,
    stage: Names | None = None,
    scope: Names | None = None,
    min_agreement: float | None = None,
    split: str = "test",
    columns: Sequence[str] | None = None,
    release: str | Path | None = None,
    revision: str | None = None,
    streaming: bool = False,
    decode: bool = True,
) -> Dataset | IterableDataset:
    """Return the instances of a config that meet every condition, as a dataset of the `datasets` library.

    The conditions are pushed down into the Parquet files: row groups that cannot match are skipped. The dataset tells
    its version in `info.version` and its version and digest in `info.description`.

    Args:
        config: `text`, `image`, `video`, `audio`, `index`, `annotations`, `reviews` or `taxonomy`.
        risk_factor: Numbers 1-35, codes (`r04`), English or Korean names; one, or a list of which any will do.
        category: English or Korean names.
        prompt_type: Names, codes (`QO`) or Korean names.
        stage: `seed`, `crowd`, `automated`.
        scope: `global`, `local`.
        min_agreement: Least agreement of an instance's annotators, 0 to 1; instances without one are left out.
        split: Name of the split.
        columns: Columns to load; all by default.
        release: A folder, `org/name` or `org/name@1.0.0`; by default what the bare name means.
        revision: The version that is wanted, as `v1.0.0` or `1.0.0`, or a branch or commit of the Hub: it or an error.
        streaming: Whether to read on the go rather than prepare a cache first.
        decode: Whether media are decoded on access, without torch; else they are given as stored bytes.

    Raises:
        UnknownNameError: A config, split, version or name of the vocabulary is unknown; the message gives the nearest.
        UsageError: There is no release, or the config has no column for a condition.
        DataError: The release is damaged.
    """
    selection = make_selection(
        risk_factor=risk_factor,
        category=category,
        prompt_type=prompt_type,
        stage=stage,
        scope=scope,
        min_agreement=min_agreement,
    )
    opened = open_release(_address(release, revision))
    name, entry = opened.config(config)
    part = _Part(opened, name, *find_split(entry, split))
    on_the_hub = streaming and part.is_on_the_hub_alone()
    available = _usual_columns(name) if on_the_hub else part.fetch().names
    filters = selection.expression(available)
    wanted = [NameTable("column", [(each, (each,)) for each in available]).find(each) for each in columns or ()] or None
    if filters is not None and not streaming and not part.table().count_rows(filter=filters):
        dataset: Dataset | IterableDataset = part.empty(wanted)
    else:
        dataset = part.load(filters, wanted, streaming=streaming, on_the_hub=on_the_hub)
    dataset.info.description, dataset.info.config_name = opened.describe(name), name
    dataset.info.version = Version(opened.manifest.version)
    return with_decoding(dataset, decode=decode)


class _Part(NamedTuple):
    """One split of one config of a release."""

    opened: OpenedRelease
    config: str
    name: str
    split: Split

    @property
    def files(self) -> tuple[str, ...]:
        return self.split.files

    @property
    def paths(self) -> list[Path]:
        return [self.opened.folder / path for path in self.files]

    def is_on_the_hub_alone(self) -> bool:
        """Return whether the files are not on this machine and the Hub may be asked."""
        return self.opened.commit is not None and not self.opened.has(self.files) and not is_offline_mode()

    def fetch(self) -> pa.Schema:
        """Return the schema of the files, which are on this machine then, as is the card that lists them."""
        self.opened.fetch((CARD, *self.files))
        return pq.read_schema(self.paths[0])

    def table(self) -> pads.Dataset:
        return pads.dataset([str(path) for path in self.paths], format="parquet")

    def load(
        self, filters: pc.Expression | None, columns: list[str] | None, *, streaming: bool, on_the_hub: bool
    ) -> Dataset | IterableDataset:
        # By the name of a repository, datasets would fall back on whatever version it has in its cache.
        place: tuple[str, ...]
        if on_the_hub:
            place, files = ("parquet",), [self.opened.url(path) for path in self.files]
        else:
            place, files = (str(self.opened.folder), self.config), list(self.files)
        return load_dataset(
            *place,
            data_files={self.name: files},
            split=self.name,
            streaming=streaming,
            filters=filters,
            columns=columns,
            verification_mode="no_checks",
        )

    def empty(self, columns: list[str] | None) -> Dataset:
        """Return the dataset without rows, which `datasets` itself refuses to load."""
        table = self.fetch().empty_table()
        table = table.select(columns) if columns else table
        features = Features.from_arrow_schema(table.schema)
        return Dataset(table, info=DatasetInfo(features=features), split=NamedSplit(self.name))


def _address(release: str | Path | None, revision: str | None) -> ReleaseAddress:
    if release is None:
        return chosen_address().at(revision)
    address = parse_address(release)
    if revision is not None and address.revision is not None:
        raise UsageError(f"{str(release)!r} names a version and so does revision={revision!r}; give one of them")
    return address.at(revision)


def _usual_columns(config: str) -> list[str]:
    """Return the columns of a config whose files are not on this machine, as this version of the package packs them."""
    side = {"annotations": ANNOTATION_COLUMNS, "reviews": REVIEW_COLUMNS, "taxonomy": {}}
    medium = {config: None} if config in MEDIUM_OF_MODALITY else {}
    return [*side.get(config, INDEX_COLUMNS), *medium]
