"""Use: find a release, bring it here if it is on the Hub, and record that the bare name means it."""

from pathlib import Path
from typing import NamedTuple

from huggingface_hub import HfApi

from assurai_datasets.errors import UsageError
from assurai_datasets.loading import ReleaseAddress, open_release, parse_address, record_address
from assurai_datasets.publishing import download_release
from assurai_datasets.schema.release import Release


class Used(NamedTuple):
    """A release that was chosen.

    Attributes:
        address: What the bare name means from now on; on the Hub always with its version.
        release: Its manifest.
        recorded_in: The user's file that says so.
    """

    address: ReleaseAddress
    release: Release
    recorded_in: Path


def use_release(place: str | Path, *, api: HfApi | None = None) -> Used:
    """Return the release that the bare name means from now on, after recording it for the user.

    A release on the Hub is downloaded whole and checked, so that it loads without the network afterwards; without a
    version, the newest is taken and recorded.

    Args:
        place: A folder, `org/name` or `org/name@1.0.0`.
        api: The client of the Hub, with endpoint and token.

    Raises:
        UsageError: There is no such release, version or folder.
        DataError: The release is damaged.
    """
    address = parse_address(place)
    if address.repo is not None and address.revision is not None and address.version is None:
        raise UsageError(f"a release is chosen by its version, as in {address.repo}@1.0.0, not by {address.revision!r}")
    opened = open_release(address)
    if address.repo is not None:
        address = address.at(opened.manifest.version)
        download_release(address.repo or "", opened.manifest.version, api=api or HfApi())
    opened.fetch(tuple(file.path for file in opened.manifest.files) if address.folder else ())
    return Used(address, opened.manifest, record_address(address))
