"""Where members are put: one folder, with what it may still take."""

from pathlib import Path
from typing import Protocol

from assurai_datasets.files.archives.limits import (
    PIECE_BYTES,
    SMALL_BYTES,
    SMALLER,
    ArchiveFault,
    ArchiveLimits,
    RefusedMemberError,
    StopUnpackingError,
)
from assurai_datasets.files.archives.names import checked_parts
from assurai_datasets.files.folder import is_hidden


class Readable(Protocol):
    """What members are read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class Basket:
    """What was unpacked so far, over all archives of one delivery.

    Attributes:
        faults: What was not unpacked.
    """

    def __init__(self, limits: ArchiveLimits) -> None:
        self.limits = limits
        self.faults: list[ArchiveFault] = []
        self._untold = 0
        self._members = 0
        self._bytes = 0

    def tell(self, fault: ArchiveFault) -> None:
        """Keep a fault; beyond the limit only count it."""
        if len(self.faults) < self.limits.faults:
            self.faults.append(fault)
        else:
            self._untold += 1

    def told(self) -> tuple[ArchiveFault, ...]:
        """Return the faults, with one more that counts those beyond the limit."""
        if not self._untold:
            return tuple(self.faults)
        last = self.faults[-1]
        message = f"{self._untold:,} more members were refused"
        return (*self.faults, last._replace(member=None, message=message))

    def count_member(self) -> None:
        """Count one member.

        Raises:
            StopUnpackingError: It is one too many.
        """
        self._members += 1
        if self._members > self.limits.members:
            raise StopUnpackingError(f"it has more than {self.limits.members:,} members")

    def check_declared(self, size: int, packed_bytes: int | None) -> None:
        """Refuse a member by the size it declares, before any of it is unpacked.

        Raises:
            RefusedMemberError: It is too large, or swells too much.
        """
        self._check_size(size, packed_bytes)

    def _count_bytes(self, count: int) -> None:
        self._bytes += count
        if self._bytes > self.limits.total_bytes:
            raise StopUnpackingError(f"it unpacks to more than {self.limits.total_bytes:,} bytes")

    def copy(self, source: Readable, target: Path, packed_bytes: int | None) -> None:
        """Write what a source gives to a new file, or nothing at all if it gives too much.

        Raises:
            RefusedMemberError: The member is too large, or swells too much.
            StopUnpackingError: All together are too large.
        """
        try:
            with target.open("xb") as file:
                size = 0
                while piece := source.read(PIECE_BYTES):
                    size += len(piece)
                    self._check_size(size, packed_bytes)
                    self._count_bytes(len(piece))
                    file.write(piece)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def _check_size(self, size: int, packed_bytes: int | None) -> None:
        if size > self.limits.member_bytes:
            raise RefusedMemberError("limit", f"it unpacks to more than {self.limits.member_bytes:,} bytes", SMALLER)
        if packed_bytes is not None and size > SMALL_BYTES and size > packed_bytes * self.limits.ratio:
            message = f"it unpacks to more than {self.limits.ratio} times its packed size"
            raise RefusedMemberError("limit", message, "deliver the file as it is")


class Places:
    """The places of one archive's members below a folder: no two that some system would take for one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, str] = {}
        self._folders: set[str] = set()

    def file(self, name: str) -> Path | None:
        """Return where a file goes, its folder made; None for hidden and system files, which are left.

        Raises:
            RefusedMemberError: The name leads out, or another member has it.
        """
        parts = checked_parts(name)
        if not parts or is_hidden("/".join(parts)):
            return None
        key = "/".join(parts).casefold()
        above = {"/".join(parts[:depth]).casefold() for depth in range(1, len(parts))}
        if key in self._files or key in self._folders or any(name in self._files for name in above):
            other = self._files.get(key, "a folder or file")
            message = f"its name is also that of {other!r}, on some systems at least"
            raise RefusedMemberError("duplicate", message, "give every file a name of its own")
        self._files[key] = "/".join(parts)
        self._folders |= above
        place = self._root.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place
