"""Repositories as the Hub keeps them: commits that never change; branches, tags and pull requests that name them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from tests.hub.answers import RefusalError

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# fmt: off
LFS_SUFFIXES = (
    "7z", "arrow", "avro", "bin", "bz2", "ckpt", "gz", "h5", "npy", "npz", "parquet", "pickle", "pkl", "pt", "pth",
    "rar", "safetensors", "tar", "tgz", "wasm", "xz", "zip", "zst", "aac", "flac", "mp3", "ogg", "wav", "bmp", "gif",
    "png", "tiff", "jpg", "jpeg", "webp", "mp4", "webm",
)
# fmt: on
GIT_ATTRIBUTES = "".join(f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LFS_SUFFIXES).encode()
SHORTEST_OID = 7
LARGEST_REGULAR_BYTES = 10 * 1024 * 1024


def git_oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Entry:
    """A file at a commit: its content, or for a large one the digest of its content."""

    size: int
    oid: str
    content: bytes | None = None
    sha256: str | None = None

    @classmethod
    def regular(cls, content: bytes) -> "Entry":
        return cls(size=len(content), oid=git_oid(content), content=content)

    @classmethod
    def large(cls, sha256: str, size: int) -> "Entry":
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
        return cls(size=size, oid=git_oid(pointer.encode()), sha256=sha256)

    @property
    def etag(self) -> str:
        return self.sha256 or self.oid


@dataclass(frozen=True)
class Commit:
    oid: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    files: Mapping[str, Entry]


@dataclass
class PullRequest:
    number: int
    title: str
    author: str
    status: str = "open"


@dataclass
class Repository:
    """One repository; `commit` is its only way forward and changes a branch in one assignment."""

    kind: str
    repo_id: str
    private: bool
    gated: str | bool = False
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pull_requests: dict[int, PullRequest] = field(default_factory=dict)
    discussions: int = 0

    @property
    def namespace(self) -> str:
        return self.repo_id.split("/")[0]

    @property
    def prefix(self) -> str:
        return "" if self.kind == "model" else f"{self.kind}s/"

    def resolve(self, revision: str) -> Commit:
        """Return the commit a branch, tag, pull request or commit id names."""
        name = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        oid = self.branches.get(name) or self.tags.get(name) or revision
        found = [each for each in self.commits if each.startswith(oid)] if len(oid) >= SHORTEST_OID else []
        if len(found) != 1:
            raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return self.commits[found[0]]

    def entry(self, revision: str, path: str) -> tuple[Commit, Entry]:
        commit = self.resolve(revision)
        if path not in commit.files:
            refusal = RefusalError(404, "EntryNotFound", "Entry not found")
            raise refusal.with_headers({"X-Repo-Commit": commit.oid})
        return commit, commit.files[path]

    def history(self, revision: str) -> Iterator[Commit]:
        commit: Commit | None = self.resolve(revision)
        while commit:
            yield commit
            commit = self.commits.get(commit.parent) if commit.parent else None

    def store(self, files: Mapping[str, Entry], *, parent: str | None, title: str, message: str, author: str) -> Commit:
        """Return a new commit that no branch names yet."""
        facts = [parent, title, message, author, len(self.commits), sorted((p, e.oid) for p, e in files.items())]
        oid = hashlib.sha1(json.dumps(facts).encode(), usedforsecurity=False).hexdigest()
        date = (EPOCH + timedelta(minutes=len(self.commits))).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        commit = Commit(oid, parent, title, message, author, date, dict(files))
        self.commits[oid] = commit
        return commit

    def commit(self, branch: str, files: Mapping[str, Entry], **facts: Any) -> Commit:
        commit = self.store(files, parent=self.branches.get(branch), **facts)
        self.branches[branch] = commit.oid
        return commit

    def open_pull_request(self, base: str, title: str, author: str) -> PullRequest:
        self.discussions += 1
        request = PullRequest(self.discussions, title, author)
        self.pull_requests[request.number] = request
        self.branches[f"refs/pr/{request.number}"] = self.resolve(base).oid
        return request

    def merge(self, number: int) -> None:
        """Make the pull request the head of `main`, as the Hub's merge button does."""
        ours = self.resolve(f"refs/pr/{number}")
        self.commit("main", ours.files, title=ours.title, message=f"{ours.message} (#{number})", author=ours.author)
        self.pull_requests[number].status = "merged"


def create_repository(kind: str, repo_id: str, private: bool, author: str) -> Repository:
    """Return a repository as the Hub creates it: one commit with `.gitattributes`."""
    repository = Repository(kind, repo_id, private)
    files = {".gitattributes": Entry.regular(GIT_ATTRIBUTES)}
    repository.commit("main", files, title="initial commit", message="", author=author)
    return repository


def upload_mode(path: str, size: int, sample: bytes) -> str:
    """Return `lfs` for what the Hub keeps outside git: by name, by size, or because it is binary."""
    by_name = any(fnmatchcase(PurePosixPath(path).name, f"*.{suffix}") for suffix in LFS_SUFFIXES)
    return "lfs" if size and (by_name or size > LARGEST_REGULAR_BYTES or b"\0" in sample) else "regular"
