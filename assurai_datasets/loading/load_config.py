"""Loading one config of a release."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from datasets import Dataset, DatasetInfo, Features, IterableDataset, NamedSplit, Version, load_dataset
from datasets.data_files import DataFilesDict
from huggingface_hub import is_offline_mode

from assurai_datasets.errors import UsageError
from assurai_datasets.loading.address import ReleaseAddress, chosen_address, parse_address
from assurai_datasets.loading.data_files import find_data_files
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
        UsageError: There is no release, the config has no column for a condition, or `columns` is empty.
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
    if columns is not None and not len(columns):
        raise UsageError("columns is an empty list, which would load nothing; leave it out to load every column")
    opened = open_release(_address(release, revision))
    name, entry = opened.config(config)
    part = _Part(opened, name, *find_split(entry, split))
    schema = part.prepare(streaming=streaming)
    filters = selection.expression(schema.names)
    wanted = [_find_column(each, schema.names) for each in columns or ()] or None
    if filters is not None and not streaming and not part.count(filters):
        dataset: Dataset | IterableDataset = _empty(schema, wanted, part.name)
    else:
        dataset = part.load(filters, wanted, streaming=streaming)
    dataset.info.description, dataset.info.config_name = opened.describe(name), name
    dataset.info.version = Version(opened.manifest.version)
    return with_decoding(dataset, decode=decode)


class _Part(NamedTuple):
    """One split of one config of a release."""

    opened: OpenedRelease
    config: str
    name: str
    split: Split

    def prepare(self, *, streaming: bool) -> pa.Schema:
        """Return the schema of the files, after bringing what loading needs onto this machine."""
        self.opened.fetch((CARD,))
        if not streaming or is_offline_mode():
            self.opened.fetch(self.split.files)
        return self.opened.schema(self.split.files[0])

    def count(self, filters: pc.Expression) -> int:
        paths = [str(self.opened.folder / path) for path in self.split.files]
        return int(pads.dataset(paths, format="parquet").count_rows(filter=filters))

    def load(
        self, filters: pc.Expression | None, columns: list[str] | None, *, streaming: bool
    ) -> Dataset | IterableDataset:
        # Given the folder and exact files, datasets never falls back on another version in its cache.
        return load_dataset(
            str(self.opened.folder),
            self.config,
            data_files=DataFilesDict({self.name: find_data_files(self.opened, self.split)}),
            split=self.name,
            streaming=streaming,
            filters=filters,
            columns=columns,
            token=self.opened.token,
            verification_mode="no_checks",
        )


def _empty(schema: pa.Schema, columns: list[str] | None, split: str) -> Dataset:
    """Return the dataset without rows, which `datasets` itself refuses to load."""
    table = schema.empty_table().select(columns or schema.names)
    info = DatasetInfo(features=Features.from_arrow_schema(table.schema))
    return Dataset(table, info=info, split=NamedSplit(split))


def _find_column(name: str, columns: list[str]) -> str:
    return NameTable("column", [(each, (each,)) for each in columns]).find(name)


def _address(release: str | Path | None, revision: str | None) -> ReleaseAddress:
    if release is None:
        return chosen_address().at(revision)
    if not isinstance(release, str | Path):
        raise UsageError(f"release must be a folder or ORG/NAME[@VERSION], not {release!r}")
    address = parse_address(release)
    if revision is not None and address.revision is not None:
        raise UsageError(f"{str(release)!r} names a version and so does revision={revision!r}; give one of them")
    return address.at(revision)
