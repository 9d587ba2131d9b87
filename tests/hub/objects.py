"""Large objects by their SHA-256: uploaded over LFS to a folder, or by hf_xet to local stores."""

import hashlib
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from tests.hub.answers import RefusalError
from tests.hub.xet import XetFile, files_of_shard

FILL = """
import sys, hf_xet
store, *paths = sys.argv[1:]
never = {"token": "none", "token_expiry_unix_secs": 4_000_000_000}
with hf_xet.XetSession().new_upload_commit(endpoint=store, custom_headers={}, **never) as commit:
    for path in paths:
        commit.start_upload_file(path, sha256=hf_xet.COMPUTE_SHA256)
"""


class Objects:
    """The store of one Hub.

    Every Xet token gets a local store of its own, for two processes cannot have one open: a reading one starts with
    all that was uploaded.
    """

    def __init__(self, folder: Path) -> None:
        self.lfs = folder / "lfs"
        self.xet = folder / "xet"
        self.lfs.mkdir(parents=True)
        self.xet.mkdir()
        self._lock = threading.Lock()
        self._xet_files: dict[str, XetFile] = {}
        self._shards: set[Path] = set()

    def put(self, sha256: str, content: bytes) -> None:
        if hashlib.sha256(content).hexdigest() != sha256:
            raise RefusalError(400, None, "The content does not have the announced digest")
        (self.lfs / sha256).write_bytes(content)

    def has(self, sha256: str) -> bool:
        return (self.lfs / sha256).is_file() or self.xet_hash(sha256) is not None

    def xet_hash(self, sha256: str) -> str | None:
        """Return the Xet hash of an object that came in through Xet."""
        file = self._xet_file(sha256)
        return file.xet_hash if file else None

    def path(self, sha256: str) -> Path:
        """Return a file with the content of an object; a Xet one is put together first."""
        path = self.lfs / sha256
        if not path.is_file():
            file = self._xet_file(sha256)
            if file is None:
                raise RefusalError(404, "EntryNotFound", f"No object {sha256}")
            self.put(sha256, file.read())
        return path

    def open_xet_store(self, scope: str) -> str:
        """Return the address of a new local store: empty for `write`, with everything there is for `read`."""
        with self._lock:
            number = len(list(self.xet.iterdir()))
            store = self.xet / f"{scope}-{number}"
            store.mkdir()
        if scope == "read":
            shutil.copytree(self._filled_store(), store, dirs_exist_ok=True)
        return f"local://{store}"

    def _filled_store(self) -> Path:
        """Return a closed store with every object that came through Xet; a process of its own fills and closes it."""
        self._xet_file("")
        wanted = sorted(self._xet_files)
        store = self.xet / f"filled-{hashlib.sha256(''.join(wanted).encode()).hexdigest()}"
        if not store.exists():
            store.mkdir()
            paths = [str(self.path(sha256)) for sha256 in wanted]
            subprocess.run([sys.executable, "-c", FILL, f"local://{store}", *paths], check=True)
        return store

    def _xet_file(self, sha256: str) -> XetFile | None:
        with self._lock:
            for shard in set(self.xet.glob("write-*/xet/xorbs/shards/*.mdb")) - self._shards:
                self._xet_files.update(files_of_shard(shard))
                self._shards.add(shard)
            return self._xet_files.get(sha256)
