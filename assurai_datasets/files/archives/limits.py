"""What an archive may ask for, and what is said of one that asks for more."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Reason = Literal["limit", "encrypted", "link", "special", "path", "duplicate", "unreadable"]
PIECE_BYTES = 2**20
SMALL_BYTES = 2**23


class ArchiveFault(NamedTuple):
    """Something in an archive that was not unpacked.

    Attributes:
        reason: The kind of fault.
        archive: Name of the archive relative to the delivery.
        member: Name of the member, None where the whole archive is meant.
        message: What was found.
        hint: What to do.
    """

    reason: Reason
    archive: str
    member: str | None
    message: str
    hint: str


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive, with all archives inside it, may unpack to.

    Attributes:
        members: Files and folders.
        total_bytes: Bytes of all files.
        member_bytes: Bytes of one file.
        ratio: Unpacked bytes for each packed byte; files below 8 MiB are not held to it.
        depth: Archives within archives: 1 allows none inside.
        faults: Faults told one by one; those after are counted.
    """

    members: int = 50_000
    total_bytes: int = 32 * 2**30
    member_bytes: int = 2 * 2**30
    ratio: int = 250
    depth: int = 2
    faults: int = 100


class StopUnpackingError(Exception):
    """A limit of the whole archive is reached: nothing more of it is read."""


class RefusedMemberError(Exception):
    """A member that is not unpacked, with the reason, what was found and what to do."""

    def __init__(self, reason: Reason, message: str, hint: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.hint = hint


SMALLER = "deliver it in parts, or as a folder"
PLAIN = "pack plain files under relative names"
AGAIN = "pack the archive again"
