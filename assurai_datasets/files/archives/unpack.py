"""A delivery that is an archive, or that holds archives, as one plain folder."""

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from assurai_datasets.errors import UsageError
from assurai_datasets.files.archives.basket import Basket
from assurai_datasets.files.archives.limits import SMALLER, ArchiveFault, ArchiveLimits, StopUnpackingError
from assurai_datasets.files.archives.tar_file import unpack_tar
from assurai_datasets.files.archives.zip_file import unpack_zip
from assurai_datasets.files.folder import Folder

ARCHIVE_SUFFIXES = (".tar.gz", ".tgz", ".tar", ".zip")
"""The ends of the names of the archives that are unpacked."""


class Unpacked(NamedTuple):
    """A delivery as a plain folder.

    Attributes:
        root: The folder: the delivery itself where it holds no archive, else one made of it.
        faults: What was not unpacked.
    """

    root: Path
    faults: tuple[ArchiveFault, ...] = ()


def is_archive(name: str) -> bool:
    """Return whether a file is an archive by the end of its name."""
    return name.casefold().endswith(ARCHIVE_SUFFIXES)


def unpack_delivery(delivery: Path, into: Path, *, limits: ArchiveLimits | None = None) -> Unpacked:
    """Return a delivery with all its archives unpacked; the delivery itself is only read.

    A folder without archives comes back as it is. Else everything is laid out below `into`: an archive `media.zip`
    becomes the folder `media` beside where it lay, and an archive that holds nothing but one folder becomes that
    folder's content.

    Args:
        delivery: A folder, or an archive by its name.
        into: An empty folder, the caller's to remove; on one disk with the delivery its files take no space twice.
        limits: When to refuse; generous by default.

    Raises:
        UsageError: The delivery is neither a folder nor an archive.
    """
    basket = Basket(limits or ArchiveLimits())
    root = into / "delivery"
    if delivery.is_dir():
        if not any(is_archive(name) for name in Folder(delivery).names()):
            return Unpacked(delivery)
        _lay_out(Folder(delivery), root)
    elif is_archive(delivery.name) and delivery.is_file():
        root.mkdir()
        _unpack(delivery, delivery.name, root, basket)
        root = _without_wrapping(root)
    else:
        raise UsageError(f"{str(delivery)!r} is neither a folder nor one of {', '.join(ARCHIVE_SUFFIXES)}")
    depth = 1 if delivery.is_dir() else 2
    _unpack_nested(root, basket, depth)
    return Unpacked(root, basket.told())


def _lay_out(folder: Folder, root: Path) -> None:
    """Lay out the files of a folder in another without changing them, linked where the disk can, else copied."""
    for name in folder.names():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(folder.resolve(name), target)
        except OSError:
            shutil.copyfile(folder.resolve(name), target)


def _unpack_nested(root: Path, basket: Basket, depth: int) -> None:
    """Unpack the archives in a folder, those in them, and so on as deep as allowed."""
    waiting = [(name, depth) for name in Folder(root).names() if is_archive(name)]
    while waiting:
        name, level = waiting.pop(0)
        if level > basket.limits.depth:
            message = f"archives lie deeper in one another than {basket.limits.depth}"
            basket.tell(ArchiveFault("limit", name, None, message, SMALLER))
            continue
        target = root / name[: -len(_suffix_of(name))]
        if target.exists():
            message = f"a folder {target.name!r} lies beside it already"
            basket.tell(ArchiveFault("duplicate", name, None, message, "rename one of the two"))
            continue
        target.mkdir()
        _unpack(root / name, name, target, basket)
        (root / name).unlink()
        _unwrap(target)
        inside = target.relative_to(root).as_posix()
        waiting += [(f"{inside}/{found}", level + 1) for found in Folder(target).names() if is_archive(found)]


def _unpack(path: Path, name: str, root: Path, basket: Basket) -> None:
    unpack = unpack_zip if name.casefold().endswith(".zip") else unpack_tar
    try:
        unpack(path, name, root, basket)
    except StopUnpackingError as error:
        basket.tell(ArchiveFault("limit", name, None, f"{error}; the rest was not unpacked", SMALLER))


def _suffix_of(name: str) -> str:
    return next(suffix for suffix in ARCHIVE_SUFFIXES if name.casefold().endswith(suffix))


def _without_wrapping(root: Path) -> Path:
    """Return the one folder that a folder holds, if it holds nothing else, else the folder itself."""
    entries = list(root.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else root


def _unwrap(target: Path) -> None:
    """Give a folder that holds nothing but one of its own name that one's content."""
    inner = _without_wrapping(target)
    if inner is not target and PurePosixPath(inner.name).name.casefold() == target.name.casefold():
        aside = target.with_name(f".{target.name}.unwrapping")
        inner.rename(aside)
        target.rmdir()
        aside.rename(target)
