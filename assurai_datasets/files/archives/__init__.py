"""Unpacking archives of strangers: what is refused is said, what is unpacked stays inside and within limits."""

from assurai_datasets.files.archives.limits import ArchiveFault, ArchiveLimits, Reason
from assurai_datasets.files.archives.unpack import ARCHIVE_SUFFIXES, Unpacked, is_archive, unpack_delivery

__all__ = ["ARCHIVE_SUFFIXES", "ArchiveFault", "ArchiveLimits", "Reason", "Unpacked", "is_archive", "unpack_delivery"]
