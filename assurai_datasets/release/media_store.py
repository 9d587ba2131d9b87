"""The bytes of the media of a release: as delivered, or as cleaned before packing."""

from functools import lru_cache
from pathlib import Path

from assurai_datasets.errors import DataError
from assurai_datasets.files import Folder, sha256_bytes
from assurai_datasets.formats.intake import Intake
from assurai_datasets.release.rows import MediumBytes


class MediaStore:
    """Gives the bytes of the media of an intake, and refuses those that changed since they were checked."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._folders = {entry.number: Folder(entry.root) for entry in intake.deliveries}
        self._facts = lru_cache(maxsize=1024)(self._read_facts)

    def sha256(self, delivery: int, path: str) -> str:
        """Return the digest of a medium as it is packed."""
        return str(self._facts(delivery, path)["sha256"])

    def modality(self, delivery: int, path: str) -> str:
        """Return the modality a medium has by its content."""
        return str(self._facts(delivery, path)["modality"])

    def read(self, delivery: int, path: str) -> MediumBytes:
        """Return the bytes of a medium as it is packed.

        Raises:
            DataError: The file is not the one that was checked.
        """
        facts = self._facts(delivery, path)
        cleaned = facts["cleaned_path"]
        data = (Path(str(cleaned)) if cleaned else self._folders[delivery].resolve(path)).read_bytes()
        if sha256_bytes(data) != facts["sha256"]:
            raise DataError(f"{path!r} changed while the release was being built; build again")
        return MediumBytes(str(facts["modality"]), data)

    def _read_facts(self, delivery: int, path: str) -> dict[str, object]:
        facts = self._intake.medium(delivery, path)
        if facts is None:
            raise DataError(f"{path!r} was not checked and cannot be packed")
        return facts
