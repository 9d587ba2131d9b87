"""A delivery to fill in."""

from importlib.resources import files
from pathlib import Path

from assurai_datasets.errors import UsageError
from assurai_datasets.files import write_atomically

FILES = ("delivery.yaml", "instances.jsonl", "annotations.jsonl")


def init_delivery(folder: str | Path) -> tuple[Path, ...]:
    """Return the files of a small, valid delivery written into a new or empty folder.

    Raises:
        UsageError: There is something in the folder already, or it cannot be made.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{str(folder)!r} is not empty; name a new folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {str(folder)!r}: {error.strerror}") from error
    for name in FILES:
        write_atomically(folder / name, files(__package__).joinpath("template", name).read_bytes())
    return tuple(folder / name for name in FILES)
