"""What the Hub has: a repository's head, files, tags and open pull requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from assurai_datasets.publishing.failures import Patience
from assurai_datasets.publishing.package import Package

HUB_FILES = frozenset({".gitattributes"})
"""Files the Hub puts into a repository by itself; no part of a release, and never deleted."""


@dataclass(frozen=True)
class Repository:
    """A dataset repository as it was found.

    Args:
        head: The commit of `main`.
        private: Whether only its owners see it.
        gated: False, `auto` or `manual`.
        tags: The commit of each tag.
    """

    head: str
    private: bool
    gated: str | bool
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """What separates the files of a revision from a release: names, sorted."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self.added or self.changed or self.deleted)

    def __str__(self) -> str:
        """Return the first differing files, and how many there are."""
        names = [*self.changed, *self.added, *self.deleted]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return ", ".join(repr(name) for name in names[:3]) + more


@dataclass(frozen=True)
class Remote:
    """One dataset repository of a Hub, asked with patience.

    Args:
        api: The client, with its endpoint and token.
        repo_id: `org/name`.
        patience: How often to ask again.
    """

    api: HfApi
    repo_id: str
    patience: Patience

    def find(self) -> Repository | None:
        """Return the repository, or None where there is none that this token sees."""

        def ask() -> Any:
            try:
                return self.api.dataset_info(self.repo_id, revision="main")
            except RepositoryNotFoundError:
                return None

        info = self.patience.ask(ask, f"look at {self.repo_id!r}")
        if info is None:
            return None
        return Repository(str(info.sha), bool(info.private), info.gated or False, self.tags())

    def tags(self) -> dict[str, str]:
        """Return the commit of each tag."""
        refs = self.patience.ask(
            lambda: self.api.list_repo_refs(self.repo_id, repo_type="dataset"), f"list the tags of {self.repo_id!r}"
        )
        return {tag.name: tag.target_commit for tag in refs.tags}

    def compare(self, package: Package, revision: str) -> Difference:
        """Return what separates the files of a revision from a release."""
        there = self._files(revision)
        added = tuple(path for path in package.files if path not in there)
        changed = tuple(path for path in package.files if path in there and not _same(package, path, there[path]))
        deleted = tuple(sorted(there.keys() - package.files.keys() - HUB_FILES))
        return Difference(added, changed, deleted)

    def commit_of(self, package: Package) -> str | None:
        """Return the latest commit of `main` that an earlier run made for this very release, or None."""
        commits = self.patience.ask(
            lambda: self.api.list_repo_commits(self.repo_id, repo_type="dataset", revision="main"),
            f"read the history of {self.repo_id!r}",
        )
        return next((commit.commit_id for commit in commits if package.mark in commit.message), None)

    def open_pull_request(self, package: Package) -> tuple[str, str] | None:
        """Return commit and address of an open pull request that holds this very release, or None."""
        wanted = {"repo_type": "dataset", "discussion_type": "pull_request", "discussion_status": "open"}
        found = self.patience.ask(
            lambda: list(self.api.get_repo_discussions(self.repo_id, **wanted)),  # type: ignore[arg-type]
            f"list the pull requests of {self.repo_id!r}",
        )
        for request in found:
            if request.title == package.title and not self.compare(package, str(request.git_reference)):
                return self.commit_at(str(request.git_reference)), request.url
        return None

    def commit_at(self, revision: str) -> str:
        """Return the commit a branch or tag names."""
        info = self.patience.ask(
            lambda: self.api.dataset_info(self.repo_id, revision=revision), f"look at {self.repo_id!r}"
        )
        return str(info.sha)

    def _files(self, revision: str) -> dict[str, RepoFile]:
        entries = self.patience.ask(
            lambda: list(self.api.list_repo_tree(self.repo_id, repo_type="dataset", revision=revision, recursive=True)),
            f"list the files of {self.repo_id!r}",
        )
        return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}


def _same(package: Package, path: str, there: RepoFile) -> bool:
    file = package.files[path]
    return there.lfs.sha256 == file.sha256 if there.lfs else there.blob_id == file.git_oid
