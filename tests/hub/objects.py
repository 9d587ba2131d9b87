"""Large objects by their SHA-256: uploaded over LFS to a folder, or by hf_xet to a local store."""

import hashlib
import shutil
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.hub.answers import RefusalError

BOOKEND = b"\xff" * 32
RECORD_BYTES = 48
WITH_VERIFICATION = 1 << 31
WITH_METADATA = 1 << 30
NEVER_S = 4_000_000_000


def xet_hex(raw: bytes) -> str:
    """Return the hexadecimal form of a Xet hash: four little-endian words."""
    return "".join(raw[start : start + 8][::-1].hex() for start in range(0, 32, 8))


def files_of_shard(shard: bytes) -> Iterator[tuple[str, str]]:
    """Yield (SHA-256, Xet hash) of each file a metadata shard describes; layout of xet-core's `mdb_shard`."""
    position = RECORD_BYTES
    while shard[position : position + 32] != BOOKEND:
        flags, entries = struct.unpack_from("<II", shard, position + 32)
        xet_hash = xet_hex(shard[position : position + 32])
        position += RECORD_BYTES * (1 + entries * (2 if flags & WITH_VERIFICATION else 1))
        if flags & WITH_METADATA:
            yield xet_hex(shard[position : position + 32]), xet_hash
            position += RECORD_BYTES


class Objects:
    """The store of one Hub."""

    def __init__(self, folder: Path) -> None:
        self.lfs = folder / "lfs"
        self.xet = folder / "cas"
        self.lfs.mkdir(parents=True)
        self.xet.mkdir()
        self._lock = threading.Lock()
        self._xet_hashes: dict[str, str] = {}
        self._shards: set[Path] = set()

    @property
    def xet_url(self) -> str:
        return f"local://{self.xet}"

    def put(self, sha256: str, content: bytes) -> None:
        if hashlib.sha256(content).hexdigest() != sha256:
            raise RefusalError(400, None, "The content does not have the announced digest")
        (self.lfs / sha256).write_bytes(content)

    def xet_hash(self, sha256: str) -> str | None:
        """Return the Xet hash of an object that came in through Xet, reading shards not seen yet."""
        with self._lock:
            for shard in set(self.xet.glob("xet/xorbs/shards/*.mdb")) - self._shards:
                self._xet_hashes.update(files_of_shard(shard.read_bytes()))
                self._shards.add(shard)
            return self._xet_hashes.get(sha256)

    def has(self, sha256: str) -> bool:
        return (self.lfs / sha256).is_file() or self.xet_hash(sha256) is not None

    def path(self, sha256: str, size: int) -> Path:
        """Return a file with the content of an object; a Xet one is put together first."""
        path = self.lfs / sha256
        if not path.is_file():
            self._assemble(sha256, size, path)
        return path

    def forget(self) -> None:
        """Remove every object, as a Hub that lost its storage."""
        shutil.rmtree(self.lfs)
        self.lfs.mkdir()

    def _assemble(self, sha256: str, size: int, path: Path) -> None:
        import hf_xet

        xet_hash = self.xet_hash(sha256)
        if xet_hash is None:
            raise RefusalError(404, "EntryNotFound", f"No object {sha256}")
        whole = path.with_name(f"{sha256}.{threading.get_ident()}")
        with hf_xet.XetSession().new_file_download_group(
            endpoint=self.xet_url, token="none", token_expiry_unix_secs=NEVER_S, custom_headers={}
        ) as group:
            group.start_download_file(hf_xet.XetFileInfo(xet_hash, size), str(whole))
        whole.replace(path)
