"""Zip files: looked over by their directory first, then unpacked member by member."""

import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from assurai_datasets.files.archives.basket import Basket, Places
from assurai_datasets.files.archives.limits import AGAIN, PLAIN, ArchiveFault, RefusedMemberError, StopUnpackingError
from assurai_datasets.files.archives.names import zip_name

ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
END_MARK, END64_MARK = b"PK\x05\x06", b"PK\x06\x06"
END_BYTES, COMMENT_BYTES = 22, 2**16
ENTRY_BYTES = 2**10
READ_ERRORS = (BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


def unpack_zip(path: Path, archive: str, root: Path, basket: Basket) -> None:
    """Unpack a zip file into a folder; what is refused is told to the basket.

    Raises:
        StopUnpackingError: A limit of the whole is reached.
    """
    try:
        _check_directory(path, basket.limits.members)
        with ZipFile(path) as opened:
            places = Places(root)
            for member in opened.infolist():
                basket.count_member()
                _unpack_member(opened, member, archive, places, basket)
    except READ_ERRORS as error:
        basket.tell(ArchiveFault("unreadable", archive, None, f"it is no sound zip file ({error})", AGAIN))


def _check_directory(path: Path, members: int) -> None:
    """Stop before a directory of too many members is read into memory."""
    with path.open("rb") as file:
        count, size = _directory_size(file)
    if count > members or size > members * ENTRY_BYTES:
        raise StopUnpackingError(f"it has {count:,} members, more than {members:,}")


def _directory_size(file: BinaryIO) -> tuple[int, int]:
    """Return how many members a zip file declares, and the bytes of its directory; APPNOTE 4.3.14 and 4.3.16."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - END_BYTES - COMMENT_BYTES))
    tail = file.read()
    at, at64 = tail.rfind(END_MARK), tail.rfind(END64_MARK)
    if at < 0 or len(tail) - at < END_BYTES:
        raise BadZipFile("it has no directory")
    count, size = struct.unpack_from("<HI", tail, at + 10)
    if at64 >= 0 and len(tail) - at64 >= 48:
        count64, size64 = struct.unpack_from("<QQ", tail, at64 + 32)
        count, size = max(count, count64), max(size, size64)
    return count, size


def _unpack_member(opened: ZipFile, member: ZipInfo, archive: str, places: Places, basket: Basket) -> None:
    name = zip_name(member.orig_filename, member.flag_bits)
    try:
        _check_kind(member)
        place = places.file(name) if not name.endswith("/") else None
        if place is not None:
            basket.check_declared(member.file_size, member.compress_size)
            with opened.open(member) as source:
                basket.copy(source, place, member.compress_size)
    except RefusedMemberError as error:
        basket.tell(ArchiveFault(error.reason, archive, name, str(error), error.hint))
    except READ_ERRORS as error:
        basket.tell(ArchiveFault("unreadable", archive, name, f"it cannot be unpacked ({error})", AGAIN))


def _check_kind(member: ZipInfo) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if member.flag_bits & ENCRYPTED_FLAGS:
        raise RefusedMemberError("encrypted", "it is encrypted", "pack it again without a password")
    if kind == stat.S_IFLNK:
        raise RefusedMemberError("link", "it is a link", PLAIN)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedMemberError("special", "it is a device or the like", PLAIN)
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise RefusedMemberError(
            "unreadable", f"it is compressed by method {member.compress_type}", "pack it by deflate"
        )
