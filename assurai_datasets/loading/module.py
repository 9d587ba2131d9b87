"""The chosen release as `datasets` wants it behind a name: one builder config for each config of the release."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasets.data_files import DataFilesDict
from datasets.fingerprint import Hasher
from datasets.info import DatasetInfo, DatasetInfosDict
from datasets.load import BuilderConfigsParameters, DatasetModule
from datasets.packaged_modules.parquet.parquet import ParquetConfig

from assurai_datasets.errors import UsageError
from assurai_datasets.loading.address import MANIFEST, NAME, chosen_address
from assurai_datasets.loading.data_files import find_data_files
from assurai_datasets.loading.opened import OpenedRelease, open_release

PARQUET = "datasets.packaged_modules.parquet.parquet"


def find_module(
    otherwise: Callable[..., DatasetModule],
    revision: str | None = None,
    download_config: Any = None,
    download_mode: Any = None,
    data_dir: str | None = None,
    data_files: Any = None,
    **named: Any,
) -> DatasetModule:
    """Return what `datasets` builds a dataset from when it is asked for the bare name.

    Args:
        otherwise: What `datasets` itself does with the name: right for a folder `./assurai` that is no release.
        revision: The version that is wanted, or None.
        download_config: As in `datasets`.
        download_mode: As in `datasets`.
        data_dir: As in `datasets`; a release has none to choose.
        data_files: As in `datasets`; a release has none to choose.
        named: Whatever else `datasets` passes.

    Raises:
        UsageError: No release is chosen, the revision is not there, or files were named.
    """
    if Path(NAME).is_dir() and not Path(NAME, MANIFEST).is_file():
        given = {"download_config": download_config, "download_mode": download_mode, **named}
        return otherwise(revision=revision, data_dir=data_dir, data_files=data_files, **given)
    if data_dir is not None or data_files is not None:
        raise UsageError(f"{NAME!r} is a release: its {MANIFEST} lists the files; give no data_dir or data_files")
    token = getattr(download_config, "token", None)
    return make_module(open_release(chosen_address().at(revision), token=token))


def make_module(opened: OpenedRelease) -> DatasetModule:
    """Return the module of a release: files that are here by path, others by their address on the Hub."""
    configs = {
        name: DataFilesDict({split: find_data_files(opened, found) for split, found in config.splits.items()})
        for name, config in opened.manifest.configs.items()
    }
    origins = [files.origin_metadata for config in configs.values() for files in config.values()]
    builder_configs = [
        ParquetConfig(name=name, version=opened.manifest.version, data_files=files) for name, files in configs.items()
    ]
    return DatasetModule(
        PARQUET,
        Hasher.hash([opened.manifest.digest, origins]),
        {"base_path": str(opened.folder), "dataset_name": NAME},
        dataset_infos=_infos(opened),
        builder_configs_parameters=BuilderConfigsParameters(builder_configs=builder_configs),
    )


def _infos(opened: OpenedRelease) -> DatasetInfosDict:
    return DatasetInfosDict({name: DatasetInfo(description=opened.describe(name)) for name in opened.manifest.configs})
