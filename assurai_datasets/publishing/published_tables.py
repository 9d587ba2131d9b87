"""Looking into a published version without bringing its media here."""

from functools import partial
from pathlib import Path

from huggingface_hub import HfApi

from assurai_datasets.errors import DataError
from assurai_datasets.publishing.bars import no_bars
from assurai_datasets.publishing.download import is_whole
from assurai_datasets.publishing.failures import Patience
from assurai_datasets.publishing.package import MANIFEST, read_manifest_text
from assurai_datasets.schema.release import Release

CARD = "README.md"
TABLES = ("index", "annotations")
"""The configs that hold every instance and every judgement, and no media."""


def fetch_published_tables(repo_id: str, tag: str, *, api: HfApi, patience: Patience | None = None) -> Path:
    """Return a folder with manifest, card, instances and annotations of a published version, each as it is listed.

    It lies in the cache of the Hub's client; what is there already is not sent again.

    Args:
        repo_id: `org/name`.
        tag: `v1.2.0`.
        api: The client, with endpoint and token.
        patience: How often to ask again.

    Raises:
        DataError: The version has no sound manifest, or a file is not as it is listed.
        PublishingError: The Hub does not let it be read, or does not answer.
    """
    patience = patience or Patience()
    what = f"look into {tag} of {repo_id!r}"
    with no_bars():
        path = patience.ask(partial(_download, api, repo_id, tag, MANIFEST), what)
        manifest = read_manifest_text(path.read_bytes(), f"{tag} of {repo_id!r}")
        wanted = _wanted(manifest)
        for file in manifest.files:
            if file.path in wanted:
                found = patience.ask(partial(_download, api, repo_id, tag, file.path), what)
                if not is_whole(found, file.bytes, file.sha256):
                    raise DataError(f"{file.path!r} of {repo_id!r} at {tag} is not what its manifest lists")
    return path.parent


def _wanted(manifest: Release) -> set[str]:
    configs = [config for name, config in manifest.configs.items() if name in TABLES]
    return {CARD, *(file for config in configs for split in config.splits.values() for file in split.files)}


def _download(api: HfApi, repo_id: str, tag: str, path: str) -> Path:
    return Path(api.hf_hub_download(repo_id, path, repo_type="dataset", revision=tag))
