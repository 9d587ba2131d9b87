"""Tar files, plain or gzipped: read once from front to back."""

import gzip
import tarfile
import zlib
from pathlib import Path
from typing import IO, cast

from assurai_datasets.files.archives.basket import Basket, Places
from assurai_datasets.files.archives.limits import (
    AGAIN,
    PLAIN,
    SMALL_BYTES,
    ArchiveFault,
    RefusedMemberError,
    StopUnpackingError,
)
from assurai_datasets.files.archives.names import tar_name

HEADER_BYTES = 2**24
READ_ERRORS = (tarfile.TarError, zlib.error, OSError, EOFError, ValueError, OverflowError)


def unpack_tar(path: Path, archive: str, root: Path, basket: Basket) -> None:
    """Unpack a tar file into a folder; what is refused is told to the basket.

    Raises:
        StopUnpackingError: A limit of the whole is reached.
    """
    try:
        with path.open("rb") as packed:
            zipped = packed.read(2) == b"\x1f\x8b"
            packed.seek(0)
            source = cast("IO[bytes]", gzip.GzipFile(fileobj=packed) if zipped else packed)
            bounded = _BoundedReader(source, path.stat().st_size, basket)
            with tarfile.open(fileobj=bounded, mode="r:", encoding="utf-8", errors="surrogateescape") as opened:  # type: ignore[call-overload]
                _unpack_members(opened, archive, Places(root), basket)
    except READ_ERRORS as error:
        basket.tell(ArchiveFault("unreadable", archive, None, f"it is no sound tar file ({error})", AGAIN))
    except RecursionError:
        basket.tell(ArchiveFault("unreadable", archive, None, "its headers are nested without end", AGAIN))


class _BoundedReader:
    """An unpacked stream that stops where it swells too much, or where a header asks for too much at once."""

    def __init__(self, source: IO[bytes], packed_bytes: int, basket: Basket) -> None:
        self._source = source
        self._most = max(SMALL_BYTES, packed_bytes * basket.limits.ratio)
        self._ratio = basket.limits.ratio

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes."""
        if not 0 <= size <= HEADER_BYTES:
            raise StopUnpackingError(f"a header of it is larger than {HEADER_BYTES:,} bytes")
        piece = self._source.read(size)
        self._check()
        return piece

    def tell(self) -> int:
        """Return the position in the unpacked stream."""
        return self._source.tell()

    def seek(self, position: int, whence: int = 0) -> int:
        """Go forward in the unpacked stream, a bounded step at a time."""
        while whence == 0 and position > self.tell() + HEADER_BYTES:
            before = self.tell()
            self._source.seek(before + HEADER_BYTES)
            self._check()
            if self.tell() == before:
                break
        return self._source.seek(position, whence)

    def close(self) -> None:
        """Leave the file to its owner."""

    def _check(self) -> None:
        if self._source.tell() > self._most:
            raise StopUnpackingError(f"it unpacks to more than {self._ratio} times its packed size")


def _unpack_members(opened: tarfile.TarFile, archive: str, places: Places, basket: Basket) -> None:
    while (member := opened.next()) is not None:
        opened.members = []  # type: ignore[attr-defined]  # else every header is kept
        basket.count_member()
        name = tar_name(member.name)
        try:
            _check_kind(member)
            place = places.file(name) if member.isreg() else None
            source = opened.extractfile(member) if place is not None else None
            if place is not None and source is not None:
                basket.check_declared(member.size, None)
                basket.copy(source, place, None)
        except RefusedMemberError as error:
            basket.tell(ArchiveFault(error.reason, archive, name, str(error), error.hint))


def _check_kind(member: tarfile.TarInfo) -> None:
    if member.issym() or member.islnk():
        raise RefusedMemberError("link", f"it is a link to {member.linkname[:100]!r}", PLAIN)
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise RefusedMemberError("special", "it is a device or the like", PLAIN)
