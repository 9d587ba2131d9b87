"""The floor: writing atomically, paths that stay inside, archives, digests."""

from assurai_datasets.files.atomic import building_folder, write_atomically
from assurai_datasets.files.digest import sha256_bytes, sha256_file
from assurai_datasets.files.folder import Folder, Listing, kind_of

__all__ = ["Folder", "Listing", "building_folder", "kind_of", "sha256_bytes", "sha256_file", "write_atomically"]
