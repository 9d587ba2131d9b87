"""Writing files and folders so that a kill leaves either the old state or the new one."""

import ctypes
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assurai_datasets.errors import UsageError

MARKER = "release.json"
"""The file that shows that a folder is a release, and so may be replaced."""


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write a whole file, text as UTF-8: readers see the old content or the new, never a part."""
    content = data.encode("utf-8") if isinstance(data, str) else data
    temporary = path.with_name(f".{path.name[:100]}.writing-{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def building_folder(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give an empty folder beside `target` that becomes `target` at the end, or vanishes if the block raises.

    An existing release is exchanged in one step where the system can. What a killed run left behind is cleared by the
    next one.

    Raises:
        UsageError: `target` exists and `overwrite` is false, is not a release, or has no folder to stand in.
    """
    target = Path(os.path.realpath(target))
    _check_parent(target)
    _clear_leavings(target)
    _check_target(target, overwrite)
    building = _sibling(target, "building")
    _make_folder(building)
    lock = _lock(building)
    try:
        yield building
        _check_target(target, overwrite)
        _put_in_place(building, target)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    finally:
        _unlock(lock)


def _check_parent(target: Path) -> None:
    if not target.parent.is_dir():
        raise UsageError(
            f"cannot write {str(target)!r}: the folder {str(target.parent)!r} does not exist; make it first"
        )
    if Path.cwd().is_relative_to(target):
        raise UsageError(f"cannot replace {str(target)!r}: the command runs inside it; go to another folder first")


def _check_target(target: Path, overwrite: bool) -> None:
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not target.is_dir():
        raise UsageError(f"cannot write {str(target)!r}: a file of that name is in the way; choose another name")
    if not (target / MARKER).is_file():
        raise UsageError(
            f"cannot replace {str(target)!r}: it holds other files and no {MARKER}, so it is not a release; "
            "choose an empty or a new folder"
        )
    if not overwrite:
        raise UsageError(f"{str(target)!r} exists; choose another folder, or say --overwrite to replace it")


def _sibling(target: Path, role: str) -> Path:
    return target.with_name(f".{target.name[:100]}.{role}-{secrets.token_hex(4)}")


def _make_folder(building: Path) -> None:
    try:
        building.mkdir()
    except OSError as error:
        raise UsageError(f"cannot write in {str(building.parent)!r}: {error.strerror}") from error


def _clear_leavings(target: Path) -> None:
    """Remove what killed runs left beside the target, and put back a release that was only moved aside."""
    for old in sorted(target.parent.glob(f".{_escape(target.name[:100])}.replaced-*")):
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)
    for left in sorted(target.parent.glob(f".{_escape(target.name[:100])}.building-*")):
        lock = _lock(left)
        if lock is not None:
            shutil.rmtree(left, ignore_errors=True)
            _unlock(lock)


def _escape(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _put_in_place(building: Path, target: Path) -> None:
    if not (target.is_dir() and any(target.iterdir())):
        building.rename(target)
    elif _exchange(building, target):
        shutil.rmtree(building, ignore_errors=True)
    else:
        old = _sibling(target, "replaced")
        target.rename(old)
        building.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; return False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    here, swap = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
    return bool(renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0)


def _lock(folder: Path) -> int | None:
    """Hold a folder as in use for as long as this process lives; return None if another process holds it."""
    with suppress(ImportError):
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return descriptor
    return None


def _unlock(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)
