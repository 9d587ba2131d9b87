"""Fetch: deliveries that lie on the Hub, as folders for as long as they are read."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from assurai_datasets.errors import UsageError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

SCHEME = re.compile(r"hf:/{1,2}")
ADDRESS = re.compile(r"hf:/{1,2}datasets/(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
"""With one slash too: that is what becomes of an address when it is taken for a path."""


class DatasetAddress(NamedTuple):
    """A dataset on the Hub: `org/name`, and the commit, tag or branch, or None."""

    repo_id: str
    revision: str | None


def parse_dataset_address(place: str | Path) -> DatasetAddress | None:
    """Return what `hf://datasets/ORG/NAME[@REVISION]` names; None for a path.

    Raises:
        UsageError: It begins like an address and is none.
    """
    text = place.as_posix() if isinstance(place, Path) else place
    if not SCHEME.match(text):
        return None
    match = ADDRESS.fullmatch(text)
    if match is None:
        raise UsageError(
            f"a delivery on the Hub is hf://datasets/ORG/NAME or hf://datasets/ORG/NAME@REVISION, not {text!r}"
        )
    return DatasetAddress(match["repo"], match["revision"])


@contextmanager
def fetched(places: Sequence[str | Path], *, api: "HfApi | None" = None) -> Iterator[tuple[Path, ...]]:
    """Give deliveries as paths: those on the Hub downloaded for as long as the block lasts, others as they are.

    Args:
        places: Folders, archives, and addresses as in `parse_dataset_address`.
        api: The client of the Hub, with endpoint and token; by default with those of the user.

    Raises:
        UsageError: An address is malformed, or there is no such revision.
        LimitError: A dataset is too large.
        AssuraiError: It cannot be downloaded, or did not arrive whole.
    """
    addresses = [parse_dataset_address(place) for place in places]
    if not any(addresses):
        yield tuple(Path(place) for place in places)
        return
    with TemporaryDirectory(prefix="assurai-fetched-") as temporary:
        found = [
            Path(place) if address is None else _fetch(address, Path(temporary) / str(number), api)
            for number, (place, address) in enumerate(zip(places, addresses, strict=True))
        ]
        yield tuple(found)


def _fetch(address: DatasetAddress, into: Path, api: "HfApi | None") -> Path:
    from huggingface_hub import HfApi

    from assurai_datasets.publishing.fetch_dataset import fetch_dataset

    folder = into / address.repo_id.split("/")[1]
    folder.mkdir(parents=True)
    fetch_dataset(address.repo_id, address.revision, folder, api=api or HfApi())
    return folder
